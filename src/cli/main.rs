//! `mobilenet`: photos in class folders in, a classifier for the browser out.

fn main() -> std::process::ExitCode {
    mobilenet::commands::run()
}

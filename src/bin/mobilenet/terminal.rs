//! What the terminal shows.

use std::io::{ErrorKind, Write};

use mobilenet_web::Error;

/// Prints to standard output; that a reader such as `head` has had enough is no error.
pub fn print(text: &str) -> Result<(), Error> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        result => result.map_err(Error::io("write to", "standard output")),
    }
}

//! The command line: arguments in, lines out.
//!
//! One small file a subcommand. Results go to standard output, progress and warnings to standard error; the exit code is 1
//! when anything failed, 2 when the command line made no sense.

mod backbone;
mod bar;
mod choice;
mod classify;
mod embed;
mod embedding_args;
mod evaluate;
mod examination;
mod explain;
mod export;
mod facts;
mod inspect;
mod onnx_args;
mod page;
mod profile;
mod project;
mod recipe_args;
mod serve;
mod share;
mod site;
mod summary;
mod terminal;
mod train;
mod verify;

use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use terminal::say;

/// Photos in class folders in, a MobileNet classifier that runs entirely in the browser out.
#[derive(Parser)]
#[command(name = "mobilenet", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fit a classifier on photos sorted into class folders.
    Train(train::Args),
    /// Embed photos sorted into class folders, or a share of them: training past one machine.
    Embed(embed::Args),
    /// Name what is in pictures: files and folders.
    Classify(classify::Args),
    /// Show where in a picture the evidence for a class is.
    Explain(explain::Args),
    /// Measure a model on photos sorted into class folders.
    Evaluate(evaluate::Args),
    /// Compare the exported model, as the browser runs it, with the trained one on every photo.
    Verify(verify::Args),
    /// Count the photos of each class, say what is wrong with them and draw a contact sheet.
    Inspect(inspect::Args),
    /// Print a model's layers, shapes and parameters.
    Summary(summary::Args),
    /// Show where the time of a frame goes, layer by layer.
    Profile(profile::Args),
    /// Write a model as a page in one HTML file, or for other runtimes: ONNX, TFLite, TensorFlow.js, safetensors.
    Export(export::Args),
    /// Write the page as a folder for any static host, with your model as its built-in one.
    Site(site::Args),
    /// Serve the page, or a folder, on this machine.
    Serve(serve::Args),
    /// Pack photos sorted into class folders as a project for the page.
    Project(project::Args),
    /// Put a head into a link that a page opens, or take it out of one.
    Share(share::Args),
    /// Make a backbone from a float network.
    Backbone(backbone::BackboneArgs),
    /// Print the limits and lists that the documentation states.
    #[command(hide = true)]
    Facts,
}

/// Runs the command line; an error is one line on standard error.
pub fn run() -> ExitCode {
    mobilenet_core::base::panic_guard::hush();
    let matches = CommandLine::command().get_matches();
    let CommandLine { command } = CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let result = match command {
        Command::Train(args) => train::run(args, &given(&matches)),
        Command::Embed(args) => embed::run(args),
        Command::Classify(args) => classify::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Inspect(mut args) => inspect::run(&mut args),
        Command::Summary(args) => summary::run(&args),
        Command::Profile(args) => profile::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Site(args) => site::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Project(args) => project::run(&args),
        Command::Share(args) => share::run(&args),
        Command::Backbone(args) => backbone::run(args).map(|()| ExitCode::SUCCESS),
        Command::Facts => facts::run(),
    };
    result.unwrap_or_else(|error| {
        say(format_args!("error: {error}"));
        ExitCode::FAILURE
    })
}

/// The options of a subcommand that stand on the command line, as opposed to those that have their default.
fn given(matches: &ArgMatches) -> Vec<String> {
    let Some((name, matches)) = matches.subcommand() else { return Vec::new() };
    let command = CommandLine::command();
    let options = command.find_subcommand(name).into_iter().flat_map(clap::Command::get_arguments);
    let is_given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    options.map(|option| option.get_id().as_str()).filter(is_given).map(String::from).collect()
}

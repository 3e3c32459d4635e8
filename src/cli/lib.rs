//! The program `mobilenet` as a library: photos sorted into class folders become samples, models, reports and files for others.
//!
//! Rooms, each of which imports only those below it: [`commands`], [`report`], [`data`], [`server`], [`site`], [`files`]; all of
//! them stand on [`mobilenet_core`], and the commands alone on [`mobilenet_onnx`].

pub mod commands;
pub mod data;
pub mod files;
pub mod report;
pub mod server;
pub mod site;
pub mod trials;

//! `mobilenet facts`: the limits and lists of names that the documentation states, as JSON.
//!
//! For the documentation's tests, which compare; `--help` does not list it. A new limit goes here, or into the `facts` of the
//! room that it belongs to, under the name that `www/docs` has: `<data value="picture.pixels">`, `data-lists="codes"`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use mobilenet_core::Error;
use mobilenet_core::base::file::READ_LIMIT;
use serde::Serialize;

use crate::commands::terminal::print;
use crate::commands::{export, train};
use crate::data::{embed, project, shards};

#[derive(Serialize)]
struct Facts {
    limits: BTreeMap<&'static str, u64>,
    lists: BTreeMap<&'static str, Vec<&'static str>>,
}

pub fn run() -> Result<ExitCode, Error> {
    let facts = serde_json::to_string_pretty(&facts()).expect("names and numbers always serialise");
    print(&(facts + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn facts() -> Facts {
    let limits = [mobilenet_core::facts::limits(), mobilenet_onnx::facts::limits(), project::limits()].concat();
    let more = [("embed.views", embed::VIEW_LIMIT.unsigned_abs()), ("file.bytes", READ_LIMIT)];
    let ours = vec![
        ("beside", train::BESIDE.to_vec()),
        ("exports", vec![export::PAGE]),
        ("project", project::fields().to_vec()),
        ("shards", shards::COLUMNS.to_vec()),
    ];
    let mut lists: BTreeMap<_, Vec<_>> = BTreeMap::new();
    // Some have names from several rooms.
    for (name, names) in [mobilenet_core::facts::lists(), mobilenet_onnx::facts::lists(), ours].concat() {
        lists.entry(name).or_default().extend(names);
    }
    Facts { limits: limits.into_iter().chain(more).collect(), lists }
}

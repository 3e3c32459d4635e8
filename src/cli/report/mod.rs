//! What a person looks at after a run: a report, plots, a contact sheet, a heatmap over its picture, tables in the
//! terminal; and what a program looks at while it runs.

pub mod contact_sheet;
mod escape;
pub mod findings;
pub mod html;
pub mod layers;
pub mod log;
pub mod overlay;
pub mod plot;
pub mod table;
mod thumbnail;

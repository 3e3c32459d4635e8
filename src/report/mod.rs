//! What a person looks at after a run: plots, a contact sheet, a heatmap over its picture, tables in the terminal.

pub mod contact_sheet;
pub mod findings;
pub mod overlay;
pub mod plot;
pub mod summary;
pub mod table;

//! What a person looks at after a run: plots of the history, a contact sheet, tables in the terminal.

pub mod contact_sheet;
pub mod findings;
pub mod plot;
pub mod summary;
pub mod table;

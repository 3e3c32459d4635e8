//! Files that are whole or not there at all, and folders that are gone after use.

pub mod atomic;
pub mod scratch;

//! The data doctor: what is wrong with these pictures, before anything is learned from them?
//!
//! [`Examination`] decodes every picture once and keeps its [`Fingerprint`]; [`twins`] compares the fingerprints, each
//! with those that [`index`] finds near; [`findings()`] says what was found, how bad it is and what to do about it. Where pictures are
//! embedded, [`scenes()`] finds those of one thing or place, of which no pixel is alike.
//! Every finding is the same from run to run and in the order of the files.

pub mod examine;
pub mod findings;
pub mod fingerprint;
mod groups;
pub mod index;
mod kinds;
mod scenes;
pub mod twins;

pub use examine::Examination;
pub use findings::{Finding, Side, findings, scenes_across_splits};
pub use fingerprint::Fingerprint;
pub use groups::joined;
pub use kinds::Severity;
pub use scenes::scenes;

//! The photos of a training: class folders, what is wrong with them, their embeddings, and the archives and shards they travel in.

pub mod cache;
pub mod dataset;
pub mod doctor;
pub mod embed;
pub mod project;
mod records;
pub mod shards;
mod split;

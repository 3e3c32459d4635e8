//! Recipes tried on folds of the training pictures: how good one is, and which is best.

pub mod folds;
pub mod search;

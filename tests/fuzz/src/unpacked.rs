//! What has to hold for every project archive, whatever is in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mobilenet_core::head::CLASS_LIMIT;
use mobilenet::data::project::Project;
use mobilenet_core::fit::teach::sides;
use mobilenet_core::fit::{Ingredients, Recipe, Samples, fit};

use crate::{expect_code, scratch};

/// Samples of a project that is also fitted, and epochs of that: enough to see every kind of step.
const FITTED: usize = 24;
const EPOCHS: usize = 3;

/// Unpacks an archive into a folder that has neighbours.
pub fn unpack(archive: &[u8]) {
    let outer = scratch();
    let (file, folder) = (outer.path().join("project.zip"), outer.path().join("folder"));
    fs::write(&file, archive).unwrap();
    fs::create_dir(&folder).unwrap();
    match Project::unpack(&file, &folder) {
        Ok(project) => check(&project, &folder),
        Err(error) => expect_code(&error, &["bad-dataset", "bad-argument"]),
    }
    let names = fs::read_dir(outer.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<BTreeSet<_>>(), BTreeSet::from(["folder".into(), "project.zip".into()]));
}

fn check(project: &Project, folder: &Path) {
    let Project { labels, settings, samples } = project;
    assert!(settings.validate().is_ok() && !samples.is_empty());
    assert!(samples.iter().all(|sample| sample.label < labels.len() && folder.join(&sample.file).is_file()));
    let [train, validation] = sides(&project.classes(), &project.bursts(), settings);
    assert!(!train.is_empty() && train.iter().chain(&validation).all(|at| *at < samples.len()));
    if (2..=CLASS_LIMIT).contains(&labels.len()) && samples.len() <= FITTED {
        let embeddings = (0..samples.len()).map(|at| vec![at as f32, 1.0]).collect();
        let rows = Samples { embeddings, classes: project.classes() };
        let ingredients = Ingredients { epochs: settings.recipe.epochs.min(EPOCHS), ..settings.recipe.clone() };
        let recipe = Recipe::new(ingredients).expect("settings that are sound");
        let fitted =
            fit(&rows, &rows, labels.len(), &recipe, |_| ()).expect("a recipe that was checked can be followed");
        assert!(fitted.history.len() <= EPOCHS && fitted.best_epoch <= EPOCHS);
    }
}

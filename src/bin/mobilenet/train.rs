//! `mobilenet train`: the tutorial's recipe from folders to a model file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mobilenet_web::classifier::embedded_backbone;
use mobilenet_web::head::TrainingSummary;
use mobilenet_web::model::SelfTest;
use mobilenet_web::network::Backbone;
use mobilenet_web::report::plot;
use mobilenet_web::train::augment::Vary;
use mobilenet_web::train::cache::Cache;
use mobilenet_web::train::calibrate::FALSE_REJECTIONS;
use mobilenet_web::train::dataset::Dataset;
use mobilenet_web::train::doctor::findings;
use mobilenet_web::train::folds::{Folds, cross_validate};
use mobilenet_web::train::metrics::interval;
use mobilenet_web::train::search::{Trial, search};
use mobilenet_web::train::{Epoch, Fitted, Recipe, Samples, calibrate, fit};
use mobilenet_web::view::Views;
use mobilenet_web::{Embedder, Error, Head, Model, artefact};

use crate::doctor;
use crate::progress::{embed_augmented, embed_dataset};
use crate::recipe::RecipeArgs;
use crate::terminal::print;

/// More views of one picture than this teach nothing new, and would fill memory.
const VIEW_LIMIT: i64 = 100;
const INTERVAL: &str = "95 % Wilson interval";

#[derive(clap::Args)]
pub struct Args {
    /// Folder with one folder of pictures a class.
    dir: PathBuf,
    /// The same for validation pictures. Without it a share of DIR is set aside.
    #[arg(long, value_name = "DIR")]
    val: Option<PathBuf>,
    /// Share of DIR to validate on when there is no --val.
    #[arg(long, default_value_t = 0.2, value_parser = share)]
    val_split: f64,
    /// Where the model goes; labels.txt, history.json, loss.svg and accuracy.svg go beside it.
    #[arg(long, value_name = "FILE", default_value = "model.safetensors")]
    out: PathBuf,
    /// Other views of each training picture (parts, mirrored, turned, in other light) to train on as well; 0 for none.
    #[arg(long, value_name = "VIEWS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=VIEW_LIMIT))]
    augment: u32,
    /// What these views differ in: the part that is seen and which way round, or also a small turn and the colours.
    #[arg(long, value_enum, default_value_t)]
    vary: Vary,
    /// What an answer is the mean of when pictures are validated: the picture, with its mirror image, or with the
    /// middle of both too.
    #[arg(long, value_enum, default_value_t)]
    views: Views,
    /// Cross-validate on the training pictures first, in this many parts.
    #[arg(long, value_name = "K")]
    folds: Option<usize>,
    /// Try other learning rates, weight decays, dropouts and smoothings on the training pictures first, and take the
    /// best.
    #[arg(long)]
    auto: bool,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Share of the validation pictures that may be rejected as none of the classes.
    #[arg(long, value_name = "SHARE", default_value_t = FALSE_REJECTIONS, value_parser = share)]
    false_rejections: f64,
    /// A backbone made with `mobilenet backbone import`, instead of the one compiled in.
    #[arg(long, value_name = "FILE")]
    backbone: Option<PathBuf>,
    /// Put the backbone into the model file too, so that it needs nothing else (2.3 MB instead of 52 KB).
    #[arg(long)]
    with_backbone: bool,
    /// Folder for embeddings that are computed once [default: the user's cache folder].
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Keep no embeddings.
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
    /// Refuse to train when `mobilenet inspect` would find more than notes.
    #[arg(long)]
    strict: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err("a share is more than 0 and less than 1".into()) }
}

pub fn run(args: &Args) -> Result<ExitCode, Error> {
    let mut recipe = args.recipe.recipe();
    recipe.validate()?;
    let (train, validation) = args.datasets()?;
    let backbone = args.load_backbone()?;
    let embedder = Embedder::new(&backbone)?;
    let cache = args.cache_folder().map(|folder| Cache::open(&folder, &embedder)).transpose()?;
    let train_samples = embed_augmented(&train, &embedder, cache.as_ref(), args.augment, args.vary)?;
    let (validation_samples, _) = embed_dataset(&validation, &embedder, cache.as_ref(), args.views, "embedding")?;
    check_readable(&train.labels, &train_samples)?;
    let views = args.augment as usize + 1;
    let counts = [train_samples.len() / views, validation_samples.len()];
    print(&heading(&train.labels, counts, args.augment))?;
    if args.auto {
        recipe = search_recipe(&train_samples, views, &train.labels, &recipe)?;
    }
    if let Some(folds) = args.folds {
        print(&folds_row(&cross_validate(&train_samples, views, &train.labels, &recipe, folds)?, recipe.seed))?;
    }
    print("epoch | train loss | train acc | val loss | val acc\n")?;
    let mut printed = Ok(());
    let mut fitted = fit(&train_samples, &validation_samples, train.labels.len(), &recipe, |row| {
        if printed.is_ok() {
            printed = print(&history_row(row));
        }
    })?;
    printed?;
    let calibration = calibrate(&mut fitted, &train_samples, &validation_samples, args.false_rejections);
    let mut head = head_of(&fitted, &train.labels, embedder.digest(), args, counts);
    head.calibration = Some(calibration);
    write_artefacts(args, &fitted, head, backbone, embedder)?;
    report(args, &fitted, counts[1])?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn datasets(&self) -> Result<(Dataset, Dataset), Error> {
        let mut train = Dataset::scan(&self.dir)?;
        train.check_trainable().map_err(Error::in_file(&self.dir))?;
        let given = self.val.as_ref().map(|folder| Dataset::scan_as(folder, &train.labels)).transpose()?;
        let examination = doctor::examine(&train, given.as_ref(), self.cache_folder().as_deref())?;
        let set_aside =
            |train: &mut Dataset| train.split_off(self.val_split, self.recipe.seed, &examination.groups(train));
        let validation = given.unwrap_or_else(|| set_aside(&mut train));
        doctor::warn(&findings(&examination, &train, Some(&validation)), self.strict)?;
        for stray in train.strays.iter().chain(&validation.strays) {
            eprintln!("not a picture, left out: {}", stray.display());
        }
        Ok((train, validation))
    }

    fn load_backbone(&self) -> Result<Backbone, Error> {
        let Some(path) = &self.backbone else { return embedded_backbone() };
        let model = Model::open(path)?;
        let reason = || Error::BadModel("it holds no backbone, only a head".into());
        model.backbone.ok_or_else(reason).map_err(Error::in_file(path))
    }

    fn cache_folder(&self) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let user = || absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        self.cache.clone().or_else(|| Some(user()?.join("mobilenet-web")))
    }
}

fn check_readable(labels: &[String], samples: &Samples) -> Result<(), Error> {
    match (0..labels.len()).find(|class| !samples.classes.contains(class)) {
        None => Ok(()),
        Some(class) => Err(Error::BadDataset(format!("no picture of the class {:?} could be read", labels[class]))),
    }
}

fn heading(labels: &[String], [train, validation]: [usize; 2], augment: u32) -> String {
    let classes = labels.len();
    let each = if augment == 0 { String::new() } else { format!(", each with {augment} views more") };
    format!("{classes} classes, {train} pictures to train on{each}, {validation} to validate on\n")
}

/// Says what was tried, and what was chosen.
fn search_recipe(samples: &Samples, views: usize, labels: &[String], recipe: &Recipe) -> Result<Recipe, Error> {
    print(
        "tried on folds of the training pictures:\nlearning rate | weight decay | dropout | smoothing |   loss |    acc\n",
    )?;
    let mut printed = Ok(());
    let best = search(samples, views, labels, recipe, |trial| {
        if printed.is_ok() {
            printed = print(&trial_row(trial));
        }
    })?;
    printed?;
    print(&format!("chosen:\n{}", trial_row(&best)))?;
    Ok(best.recipe)
}

fn trial_row(trial: &Trial) -> String {
    let Recipe { learning_rate, weight_decay, dropout, label_smoothing, .. } = &trial.recipe;
    let Trial { loss, accuracy, .. } = trial;
    format!("{learning_rate:13} | {weight_decay:12} | {dropout:7} | {label_smoothing:9} | {loss:.4} | {accuracy:.4}\n")
}

fn folds_row(folds: &Folds, seed: u32) -> String {
    let (accuracy, [low, high]) = folds.accuracy();
    let each: Vec<String> = folds.accuracies.iter().map(|accuracy| format!("{accuracy:.4}")).collect();
    format!(
        "{} folds of the training pictures, seed {seed}: \
         acc {accuracy:.4} ({INTERVAL} {low:.4} to {high:.4}), loss {:.4}; each {}\n",
        folds.accuracies.len(),
        folds.loss,
        each.join(" ")
    )
}

fn history_row(row: &Epoch) -> String {
    let Epoch { epoch, loss, accuracy, validation_loss, validation_accuracy } = row;
    format!("{epoch:5} | {loss:10.4} | {accuracy:9.4} | {validation_loss:8.4} | {validation_accuracy:7.4}\n")
}

fn head_of(fitted: &Fitted, labels: &[String], backbone: &str, args: &Args, [train, validation]: [usize; 2]) -> Head {
    let best = &fitted.history[fitted.best_epoch - 1];
    Head {
        labels: labels.into(),
        weight: fitted.weight.clone(),
        bias: fitted.bias.clone(),
        backbone: backbone.into(),
        training: Some(TrainingSummary {
            seed: args.recipe.seed,
            epochs: fitted.history.len(),
            best_epoch: fitted.best_epoch,
            train_samples: train,
            augment: args.augment,
            validation_samples: validation,
            validation_loss: best.validation_loss,
            validation_accuracy: best.validation_accuracy,
        }),
        calibration: None,
    }
}

/// The model comes last: where it is, the rest is too.
fn write_artefacts(
    args: &Args,
    fitted: &Fitted,
    head: Head,
    backbone: Backbone,
    mut embedder: Embedder,
) -> Result<(), Error> {
    let folder = args.out.parent().unwrap_or(Path::new(""));
    let history = serde_json::to_string_pretty(&fitted.history).expect("numbers always serialise");
    artefact::write(&folder.join("labels.txt"), (head.labels.join("\n") + "\n").as_bytes())?;
    artefact::write(&folder.join("history.json"), (history + "\n").as_bytes())?;
    artefact::write(&folder.join("loss.svg"), plot::loss(&fitted.history)?.as_bytes())?;
    artefact::write(&folder.join("accuracy.svg"), plot::accuracy(&fitted.history)?.as_bytes())?;
    let self_test = SelfTest::record(&mut embedder, Some(&head));
    let model = Model { backbone: args.with_backbone.then_some(backbone), head: Some(head), self_test };
    artefact::write(&args.out, &model.to_bytes())
}

fn report(args: &Args, fitted: &Fitted, pictures: usize) -> Result<(), Error> {
    let best = &fitted.history[fitted.best_epoch - 1];
    let right = (f64::from(best.validation_accuracy) * pictures as f64).round() as usize;
    let [low, high] = interval(right, pictures);
    print(&format!(
        "kept epoch {}: val loss {:.4}, val acc {:.4}\n{INTERVAL} of it: {low:.4} to {high:.4}\nwrote {}\n",
        fitted.best_epoch,
        best.validation_loss,
        best.validation_accuracy,
        args.out.display()
    ))
}

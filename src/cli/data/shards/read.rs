//! Reading shards: their rows in order, their embeddings into a scratch file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt32Type};

use super::files::{agreed, read};
use super::{DIGEST, EMBEDDING, LABEL, Origin, PATH, Scratch, VIEW, bad_file};
use crate::data::dataset::Dataset;
use mobilenet_core::error::Error;
use mobilenet_core::fit::rows::Selected;

/// A dataset, embedded, from all its shards.
#[derive(Debug)]
pub struct Shards {
    /// Of the whole dataset, sorted.
    pub labels: Vec<String>,
    /// Rows a picture.
    pub views: usize,
    index: Vec<Entry>,
    rows: Arc<Scratch>,
}

/// What the index knows of a row.
#[derive(Debug)]
struct Entry {
    class: usize,
    path: Box<str>,
    view: u32,
    digest: [u8; 32],
    /// Number of the file, and of the row in it.
    place: (usize, usize),
}

impl Shards {
    /// Reads files, of which a scratch file in `folder` keeps the embeddings.
    ///
    /// # Errors
    /// [`Error::BadDataset`] names the file that is none, that is of another backbone or other classes than the others,
    /// whose rows are in another one too, or whose pictures have other views; [`Error::Io`].
    pub fn read(files: &[PathBuf], origin: &Origin, folder: &Path) -> Result<Self, Error> {
        let (labels, features) = agreed(files, origin)?;
        let mut index = Vec::new();
        for (number, file) in files.iter().enumerate() {
            read_index(file, number, &labels, &mut index)?;
        }
        // As a dataset sorts: part by part of a path.
        index.sort_by(|a, b| a.class.cmp(&b.class).then_with(|| a.parts().cmp(b.parts())).then(a.view.cmp(&b.view)));
        let views = check_views(files, &index)?;
        let rows = Scratch::new(folder, features, index.iter().map(|entry| entry.class).collect())?;
        let mut positions = vec![Vec::new(); files.len()];
        for (position, entry) in index.iter().enumerate() {
            positions[entry.place.0].push(position);
        }
        for (file, mut positions) in files.iter().zip(positions) {
            positions.sort_unstable_by_key(|position| index[*position].place.1);
            copy_embeddings(file, &positions, &index, &rows)?;
        }
        Ok(Self { labels, views, index, rows: Arc::new(rows) })
    }

    /// All rows; those of a picture's views follow one another, the plain one first.
    pub fn rows(&self) -> Selected<Arc<Scratch>> {
        self.select((0..self.index.len()).collect())
    }

    /// The plain view of each picture.
    pub fn plain(&self) -> Selected<Arc<Scratch>> {
        self.select((0..self.index.len()).step_by(self.views).collect())
    }

    fn select(&self, chosen: Vec<usize>) -> Selected<Arc<Scratch>> {
        Selected::new(Arc::clone(&self.rows), chosen)
    }

    /// Sets a share of the pictures aside, as [`Dataset::split_off`] does: the rows to train on, and the plain views of
    /// the others. Copies of a picture stay together; without the pictures, its near-duplicates are not known.
    pub fn split(&self, share: f64, seed: u32) -> (Selected<Arc<Scratch>>, Selected<Arc<Scratch>>) {
        let (mut numbers, mut groups, mut pictures) = (HashMap::new(), Vec::new(), Vec::new());
        for entry in self.index.iter().step_by(self.views) {
            let next = numbers.len();
            groups.push(*numbers.entry(entry.digest).or_insert(next));
            pictures.push((PathBuf::from(&*entry.path), entry.class));
        }
        let labels = self.labels.clone();
        let mut dataset = Dataset { labels, pictures, strays: Vec::new(), outside: Vec::new() };
        let taken = dataset.split_off(share, seed, &groups);
        let taken: HashSet<&Path> = taken.pictures.iter().map(|(path, _)| path.as_path()).collect();
        let is_taken = |row: &usize| taken.contains(Path::new(&*self.index[*row].path));
        let (validation, train): (Vec<usize>, Vec<usize>) = (0..self.index.len()).partition(is_taken);
        (self.select(train), self.select(validation.into_iter().step_by(self.views).collect()))
    }
}

impl Entry {
    /// Whether both are views of one picture.
    fn is_of(&self, other: &Self) -> bool {
        (self.class, &self.path) == (other.class, &other.path)
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.path.split('/')
    }
}

fn read_index(file: &Path, number: usize, labels: &[String], index: &mut Vec<Entry>) -> Result<(), Error> {
    let mut row = 0;
    for batch in read(file, &[LABEL, PATH, DIGEST, VIEW])? {
        let batch = batch?;
        let column = |name| batch.column_by_name(name).expect("the schema was checked");
        let (label, path) = (column(LABEL).as_string::<i32>(), column(PATH).as_string::<i32>());
        let (digest, view) = (column(DIGEST).as_fixed_size_binary(), column(VIEW).as_primitive::<UInt32Type>());
        for at in 0..batch.num_rows() {
            let class = labels.binary_search_by(|known| known.as_str().cmp(label.value(at)));
            let class = class.map_err(|_| bad_file(file, format!("{:?} is none of its labels", label.value(at))))?;
            index.push(Entry {
                class,
                path: path.value(at).into(),
                view: view.value(at),
                digest: digest.value(at).try_into().expect("the schema was checked"),
                place: (number, row),
            });
            row += 1;
        }
    }
    Ok(())
}

/// How many views each picture has, which has to be the same for all, and each of them once.
fn check_views(files: &[PathBuf], index: &[Entry]) -> Result<usize, Error> {
    let file = |entry: &Entry| files[entry.place.0].as_path();
    if let Some([a, b]) = index.windows(2).filter_map(<[_]>::first_chunk).find(|[a, b]| a.is_of(b) && a.view == b.view)
    {
        let reason =
            format!("view {} of {} is in {} too", b.view, b.path, mobilenet_core::base::display_text::path(file(a)));
        return Err(bad_file(file(b), format!("{reason}: name each shard once")));
    }
    let views = index.iter().take_while(|entry| entry.is_of(&index[0])).count().max(1);
    let are_all = |of_picture: &&[Entry]| {
        of_picture.len() == views
            && (0..).zip(*of_picture).all(|(view, entry)| entry.view == view && entry.is_of(&of_picture[0]))
    };
    match index.chunks(views).find(|of_picture| !are_all(of_picture)) {
        None => Ok(views),
        Some(of_picture) => {
            let reason = format!("{} has other views than other pictures", of_picture[0].path);
            Err(bad_file(file(&of_picture[0]), format!("{reason}: embed all shards with the same --augment")))
        }
    }
}

/// Copies the embeddings of a file to their positions, one for each of its rows.
fn copy_embeddings(file: &Path, positions: &[usize], index: &[Entry], rows: &Scratch) -> Result<(), Error> {
    let mut positions = positions.iter();
    for batch in read(file, &[EMBEDDING])? {
        let batch = batch?;
        let lists = batch.column(0).as_fixed_size_list();
        let numbers = lists.values().as_primitive::<Float32Type>();
        let changed = || bad_file(file, "it changed while it was read");
        if numbers.null_count() > 0 {
            return Err(bad_file(file, "there are numbers missing in it: embed again"));
        }
        for embedding in numbers.values().chunks_exact(lists.value_length() as usize) {
            let position = positions.next().ok_or_else(changed)?;
            if !embedding.iter().all(|number| number.is_finite()) {
                let Entry { path, view, .. } = &index[*position];
                return Err(bad_file(file, format!("view {view} of {path} has numbers that are none: embed it again")));
            }
            rows.write(*position, embedding)?;
        }
    }
    if positions.next().is_some() { Err(bad_file(file, "it changed while it was read")) } else { Ok(()) }
}

//! Datasets: a folder a class, pictures inside, at any depth.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use mobilenet_core::error::Error;
use mobilenet_core::head::{CLASS_LIMIT, label_fault};

/// Endings of files that are meant to be pictures. Some of these kinds cannot be read: their owner has to hear of it.
const PICTURE_ENDINGS: [&str; 16] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "svg", "jp2",
    "ico",
];

/// Pictures with their classes, in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Names of the class folders, sorted.
    pub labels: Vec<String>,
    /// Each picture and the index of its label, by class and path.
    pub pictures: Vec<(PathBuf, usize)>,
    /// Files that are no pictures and were left out.
    pub strays: Vec<PathBuf>,
    /// Pictures beside the class folders, which belong to no class.
    pub outside: Vec<PathBuf>,
}

impl Dataset {
    /// Looks through the class folders of `root`; hidden files and folders are passed over.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be read, [`Error::BadDataset`] when there are no class folders or a folder's name
    /// is not Unicode.
    pub fn scan(root: &Path) -> Result<Self, Error> {
        let (mut labels, mut outside) = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(root).map_err(Error::io("read the folder", root))? {
            let path = entry.map_err(Error::io("read the folder", root))?.path();
            check_link(&path)?;
            if path.is_dir() && !is_hidden(&path) {
                labels.push(label_of(&path)?);
            } else if has_picture_ending(&path) && !is_hidden(&path) {
                outside.push(path);
            }
        }
        labels.sort();
        outside.sort();
        if labels.is_empty() {
            let reason = "there are no class folders here: put the pictures of each class into a folder named after it";
            return Err(Error::in_file(root)(Error::BadDataset(reason.into())));
        }
        let mut dataset = Self { labels, pictures: Vec::new(), strays: Vec::new(), outside };
        for class in 0..dataset.labels.len() {
            dataset.scan_class(&root.join(&dataset.labels[class]), class)?;
        }
        Ok(dataset)
    }

    /// The same, with the classes of a model: folders may be missing, but none may be unknown.
    ///
    /// # Errors
    /// As [`Dataset::scan`], and [`Error::BadDataset`] names a folder that is none of `labels`.
    pub fn scan_as(root: &Path, labels: &[String]) -> Result<Self, Error> {
        let mut dataset = Self::scan(root)?;
        let class_of = |label: &String| {
            labels.iter().position(|known| known == label).ok_or_else(|| {
                let known = labels.join(", ");
                let reason =
                    format!("the folder {label:?} is no class of the model, which knows {known}: rename or move it");
                Error::in_file(root)(Error::BadDataset(reason))
            })
        };
        let classes = dataset.labels.iter().map(class_of).collect::<Result<Vec<_>, _>>()?;
        dataset.pictures.iter_mut().for_each(|(_, class)| *class = classes[*class]);
        dataset.pictures.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        dataset.labels = labels.into();
        Ok(dataset)
    }

    /// Every picture of a folder, whatever the folders in it are called, as one class without a name.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder cannot be read.
    pub fn unsorted(folder: &Path) -> Result<Self, Error> {
        let pictures = pictures_in(folder)?.into_iter().map(|file| (file, 0)).collect();
        Ok(Self { labels: vec![String::new()], pictures, strays: Vec::new(), outside: Vec::new() })
    }

    fn scan_class(&mut self, folder: &Path, class: usize) -> Result<(), Error> {
        let Found { pictures, strays } = Found::in_folder(folder)?;
        self.pictures.extend(pictures.into_iter().map(|path| (path, class)));
        self.strays.extend(strays);
        Ok(())
    }

    /// Pictures of each class.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.labels.len()];
        self.pictures.iter().for_each(|(_, class)| counts[*class] += 1);
        counts
    }

    /// Checks that a classifier can be fitted on this: at least two classes, no more than a head can have, none of them empty.
    ///
    /// # Errors
    /// [`Error::BadDataset`] names the class.
    pub fn check_trainable(&self) -> Result<(), Error> {
        if self.labels.len() < 2 {
            let reason =
                format!("there is only one class, {:?}: add a folder of pictures for another one", self.labels[0]);
            return Err(Error::BadDataset(reason));
        }
        if self.labels.len() > CLASS_LIMIT {
            let reason = format!("there are {} classes, and {CLASS_LIMIT} are possible: merge some", self.labels.len());
            return Err(Error::BadDataset(reason));
        }
        match self.counts().iter().position(|count| *count == 0) {
            None => Ok(()),
            Some(class) => {
                let label = &self.labels[class];
                Err(Error::BadDataset(format!("the class {label:?} has no pictures: add some, or remove its folder")))
            }
        }
    }
}

/// Every picture in a folder, at any depth, sorted by path.
///
/// # Errors
/// [`Error::Io`] when a folder cannot be read.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    Ok(Found::in_folder(folder)?.pictures)
}

/// What is in a folder, at any depth, sorted by path.
#[derive(Default)]
struct Found {
    /// Files that are meant to be pictures; also links that lead to nothing, which are named when they cannot be read.
    pictures: Vec<PathBuf>,
    /// Everything else that is no folder: pipes and devices, whatever they are called, and links that lead back to a folder they are in.
    strays: Vec<PathBuf>,
}

impl Found {
    fn in_folder(folder: &Path) -> Result<Self, Error> {
        let visible = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry.path());
        let mut found = Self::default();
        // Links are followed; walkdir finds loops.
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let is_file = entry.file_type().is_file();
                    found.add(entry.into_path(), is_file);
                }
                Err(error) => found.add_link(error, folder)?,
            }
        }
        Ok(found)
    }

    fn add(&mut self, path: PathBuf, may_be_picture: bool) {
        let list = if may_be_picture && has_picture_ending(&path) { &mut self.pictures } else { &mut self.strays };
        list.push(path);
    }

    /// A link that cannot be followed is one file amiss; a folder that cannot be read may be any number.
    fn add_link(&mut self, error: walkdir::Error, folder: &Path) -> Result<(), Error> {
        let path = error.path().unwrap_or(folder).to_owned();
        if !path.is_symlink() {
            return Err(Error::io("read the folder", path)(error.into()));
        }
        if !is_hidden(&path) {
            self.add(path, error.loop_ancestor().is_none());
        }
        Ok(())
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn has_picture_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| PICTURE_ENDINGS.contains(&ending.as_str()))
}

/// A link to a class folder that is not there, for instance because its disk is not, is a class too few.
fn check_link(path: &Path) -> Result<(), Error> {
    let leads_to_class = path.is_symlink() && !has_picture_ending(path) && !is_hidden(path);
    if leads_to_class { std::fs::metadata(path).map(drop).map_err(Error::io("follow the link", path)) } else { Ok(()) }
}

fn label_of(folder: &Path) -> Result<String, Error> {
    let name = folder.file_name().unwrap_or_default().to_str();
    let fault = name.map_or(Some("is not Unicode"), label_fault);
    match (name, fault) {
        (Some(name), None) => Ok(name.into()),
        (_, fault) => {
            let reason = format!("the folder's name {}, so it cannot be a label: rename it", fault.unwrap_or_default());
            Err(Error::in_file(folder)(Error::BadDataset(reason)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        root
    }

    #[test]
    fn folders_are_classes_and_strays_are_left_out() {
        let root =
            tree(&["b/UPPER.JPG", "b/deep/2.png", "a/1.jpg", "a/Thumbs.db", "a/.hidden.jpg", ".git/x.jpg", "note.txt"]);
        let dataset = Dataset::scan(root.path()).unwrap();
        assert_eq!(dataset.labels, ["a", "b"]);
        assert_eq!(dataset.counts(), [1, 2]);
        assert_eq!(dataset.strays.len(), 1);
        assert!(dataset.check_trainable().is_ok());
    }

    #[test]
    fn what_cannot_be_trained_on_is_named() {
        let empty = tree(&["a/1.jpg", "b/readme.txt"]);
        let message = Dataset::scan(empty.path()).unwrap().check_trainable().unwrap_err().to_string();
        assert!(message.contains("\"b\""), "{message}");
        assert!(Dataset::scan(tree(&["a/1.jpg"]).path()).unwrap().check_trainable().is_err());
        assert!(Dataset::scan(tree(&["1.jpg"]).path()).is_err());
        assert!(Dataset::scan(Path::new("no such folder")).is_err());
    }

    #[test]
    fn a_models_labels_set_the_classes() {
        let root = tree(&["b/1.jpg", "c/1.jpg"]);
        let labels = ["c", "a", "b"].map(String::from);
        let dataset = Dataset::scan_as(root.path(), &labels).unwrap();
        assert_eq!(dataset.counts(), [1, 0, 1]);
        let message = Dataset::scan_as(root.path(), &labels[..2]).unwrap_err().to_string();
        assert!(message.contains("\"b\""), "{message}");
    }
}

//! Datasets: a folder a class, pictures inside, at any depth.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::Error;

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
        let found = files_in(folder)?;
        let (pictures, strays): (Vec<_>, Vec<_>) = found.into_iter().partition(|path| has_picture_ending(path));
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

    /// Checks that a classifier can be fitted on this: at least two classes, none of them empty.
    ///
    /// # Errors
    /// [`Error::BadDataset`] names the class.
    pub fn check_trainable(&self) -> Result<(), Error> {
        if self.labels.len() < 2 {
            let reason =
                format!("there is only one class, {:?}: add a folder of pictures for another one", self.labels[0]);
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
    Ok(files_in(folder)?.into_iter().filter(|path| has_picture_ending(path)).collect())
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let visible = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry.path());
    let mut files = Vec::new();
    // Links are followed; walkdir finds loops.
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            Error::io("read the folder", path)(error.into())
        })?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn has_picture_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| PICTURE_ENDINGS.contains(&ending.as_str()))
}

fn label_of(folder: &Path) -> Result<String, Error> {
    let name = folder.file_name().unwrap_or_default();
    name.to_str().map(str::to_owned).ok_or_else(|| {
        Error::in_file(folder)(Error::BadDataset(
            "the folder's name is not Unicode, so it cannot be a label: rename it".into(),
        ))
    })
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

//! A site with another model: a file of it, which the page opens as its built-in one.

use mobilenet_core::{Classifier, Error};

use super::{Files, Site, worker};

const MODEL: &str = "model.safetensors";
/// The module that says where the built-in model is.
const BUILT_IN: (&str, &str) = ("built-in.js", include_str!("../../../pkg/build/site/built-in.js"));
const SAMPLES: &str = "<section id=\"samples\"";
const SAMPLES_END: &str = "</section>";

impl Site {
    /// The same site with a model file as its built-in model. What shows or names the furniture that the model inside the wasm
    /// knows is left out: the samples, and the descriptions.
    ///
    /// # Errors
    /// As [`Classifier::from_bytes`], or [`Error::BadArgument`] when the site is none that `./build.sh build` made.
    pub fn with_model(self, model: Vec<u8>) -> Result<Self, Error> {
        Classifier::from_bytes(&model)?;
        let Self { mut files } = self;
        edit(&mut files, "index.html", |html| without_samples(&without_line(html, "<meta name=\"description\"")))?;
        edit(&mut files, "manifest.webmanifest", |json| without_line(json, "\"description\":"))?;
        files.retain(|path, _| !path.starts_with("samples/"));
        files.insert(MODEL.into(), model);
        edit(&mut files, BUILT_IN.0, |_| BUILT_IN.1.into())?;
        worker::list_again(&mut files, &[MODEL])?;
        Ok(Self { files })
    }
}

fn edit(files: &mut Files, path: &str, change: impl Fn(&str) -> String) -> Result<(), Error> {
    let bytes = files.get_mut(path).ok_or_else(|| Error::BadArgument(format!("the site has no {path}")))?;
    *bytes = change(&String::from_utf8_lossy(bytes)).into_bytes();
    Ok(())
}

fn without_line(text: &str, part: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.contains(part)).collect()
}

/// The section stays, empty and hidden: the page's script looks for it.
fn without_samples(html: &str) -> String {
    let found = html.split_once(SAMPLES).and_then(|(before, rest)| Some((before, rest.split_once(SAMPLES_END)?.1)));
    match found {
        Some((before, after)) => [before, SAMPLES, " hidden>", SAMPLES_END, after].concat(),
        None => html.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_furniture_is_left_in_the_page() {
        let page = include_str!("../../../www/index.html");
        let changed = without_samples(&without_line(page, "<meta name=\"description\""));
        assert!(page.contains("furniture") && page.contains("samples/"));
        assert!(!changed.contains("furniture") && !changed.contains("samples/"));
        assert!(changed.contains("<section id=\"samples\" hidden></section>\n"));
        let manifest = include_str!("../../../www/manifest.webmanifest");
        let changed = without_line(manifest, "\"description\":");
        assert!(manifest.contains("furniture") && !changed.contains("furniture"));
        assert!(serde_json::from_str::<serde_json::Value>(&changed).is_ok());
    }
}

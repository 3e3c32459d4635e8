//! The classifier: the one door to everything above, for pages, terminals and programs alike.

use mobilenet_kernel::link;

use crate::error::Error;
use crate::head::heatmap::Heatmap;
use crate::head::{Answer, Head};
use crate::model::{Model, SelfTest};
use crate::network::Backbone;
use crate::network::embedder::Embedder;
use crate::picture::decode::decode;
use crate::picture::frame::FrameRef;
use crate::picture::view::Views;

/// The model file of the backbone that is compiled in: MobileNetV2 1.0 at 224 pixels, without a head.
///
/// ```
/// use mobilenet_core::Model;
/// use mobilenet_core::classifier::EMBEDDED_BACKBONE;
/// let model = Model::from_bytes(EMBEDDED_BACKBONE)?;
/// assert!(model.backbone.is_some() && model.head.is_none());
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[cfg(feature = "embedded")]
pub const EMBEDDED_BACKBONE: &[u8] = include_bytes!("models/mobilenet_v2_1.0_224.safetensors");
/// The model file of the head that is compiled in: five kinds of furniture, without a backbone.
///
/// ```
/// use mobilenet_core::Model;
/// use mobilenet_core::classifier::EMBEDDED_HEAD;
/// let model = Model::from_bytes(EMBEDDED_HEAD)?;
/// assert_eq!(model.head.unwrap().labels(), ["bed", "chair", "sofa", "swivelchair", "table"]);
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[cfg(feature = "embedded")]
pub const EMBEDDED_HEAD: &[u8] = include_bytes!("models/furniture.safetensors");

/// A backbone and a head that belong together, checked by their self-test.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::{Classifier, Frame};
/// let mut classifier = Classifier::embedded()?;
/// let grey = Frame::from_rgb(240, 320, vec![128; 240 * 320 * 3])?;
/// let answer = classifier.classify(&grey, 3);
/// assert_eq!(answer.predictions.len(), 3);
/// assert!(answer.rejected, "grey is no piece of furniture");
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Classifier {
    embedder: Embedder,
    head: Head,
    self_test: SelfTest,
}

impl Classifier {
    /// The model that is compiled in: it classifies furniture.
    ///
    /// # Errors
    /// [`Error::SelfTestFailed`] when this machine computes differently.
    ///
    /// ```
    /// use mobilenet_core::Classifier;
    /// let classifier = Classifier::embedded()?;
    /// assert_eq!(classifier.head().labels().len(), 5);
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    #[cfg(feature = "embedded")]
    pub fn embedded() -> Result<Self, Error> {
        Self::from_model(Model::from_own_bytes(EMBEDDED_HEAD)?)
    }

    /// Reads a model file; a head alone answers over the backbone that is compiled in.
    ///
    /// # Errors
    /// [`Error::BadModel`] when the file is damaged or has no head, [`Error::WrongBackbone`] when the head was
    /// fitted on another backbone, [`Error::SelfTestFailed`] when this machine computes differently.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::Classifier;
    /// let classifier = Classifier::from_bytes(include_bytes!("models/furniture.safetensors"))?;
    /// assert_eq!(classifier.head().labels()[0], "bed");
    /// assert_eq!(Classifier::from_bytes(b"not a model").unwrap_err().code(), "bad-model");
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn from_bytes(file: &[u8]) -> Result<Self, Error> {
        Self::from_model(Model::from_bytes(file)?)
    }

    fn from_model(model: Model) -> Result<Self, Error> {
        let Model { backbone, head, self_test } = model;
        let head = head.ok_or_else(without_head)?;
        let (_, embedder) = complete(backbone, Some(&head), &self_test)?;
        Ok(Self { embedder, head, self_test })
    }

    /// Reads a model file by its path.
    ///
    /// # Errors
    /// As [`Classifier::from_bytes`], or [`Error::Io`]; both name the file.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::Classifier;
    /// let classifier = Classifier::open("models/furniture.safetensors".as_ref())?;
    /// assert_eq!(classifier.head().labels().len(), 5);
    /// assert_eq!(Classifier::open("missing.safetensors".as_ref()).unwrap_err().code(), "io");
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    #[cfg(not(target_arch = "wasm32"))]
    pub fn open(path: &std::path::Path) -> Result<Self, Error> {
        Self::from_bytes(&crate::base::file::read(path)?).map_err(Error::in_file(path))
    }

    /// Reads another head that was fitted on this classifier's backbone, checked by its self-test: several heads can answer over one
    /// pass of the network.
    ///
    /// # Errors
    /// As [`Classifier::from_bytes`].
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::Classifier;
    /// let mut classifier = Classifier::embedded()?;
    /// assert_eq!(classifier.open_head(b"no model").unwrap_err().code(), "bad-model");
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn open_head(&mut self, file: &[u8]) -> Result<Head, Error> {
        let Model { head, self_test, .. } = Model::from_bytes(file)?;
        let head = head.ok_or_else(without_head)?;
        check(&mut self.embedder, Some(&head), &self_test)?;
        Ok(head)
    }

    /// The self-test once more: a browser compiles code that runs often again, and the first time it was run with what was made quickly.
    ///
    /// # Errors
    /// [`Error::SelfTestFailed`] when this machine has come to compute differently.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// let mut classifier = mobilenet_core::Classifier::embedded()?;
    /// classifier.check_again()?;
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn check_again(&mut self) -> Result<(), Error> {
        check(&mut self.embedder, Some(&self.head), &self.self_test)
    }

    /// The part that turns frames into embeddings.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::{Classifier, Frame};
    /// let mut classifier = Classifier::embedded()?;
    /// let grey = Frame::from_rgb(2, 2, vec![128; 12])?;
    /// assert_eq!(classifier.embedder().embed(&grey).len(), 4736);
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn embedder(&mut self) -> &mut Embedder {
        &mut self.embedder
    }

    /// The part that turns embeddings into predictions.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// let classifier = mobilenet_core::Classifier::embedded()?;
    /// assert!(classifier.head().labels().contains(&"chair".to_owned()));
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// One logit per class, in the order of the labels. [`Head::predict`] makes predictions of them.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::{Classifier, Frame};
    /// let mut classifier = Classifier::embedded()?;
    /// let grey = Frame::from_rgb(2, 2, vec![128; 12])?;
    /// let logits = classifier.logits(&grey);
    /// assert_eq!(logits.len(), classifier.head().labels().len());
    /// assert_eq!(classifier.head().predict(&logits, 3), classifier.classify(&grey, 3).predictions);
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn logits<'a>(&mut self, frame: impl Into<FrameRef<'a>>) -> Vec<f32> {
        self.head.logits(&self.embedder.embed(frame))
    }

    /// The `top_k` likeliest classes of a frame, and whether it is any of them.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::{Classifier, Frame};
    /// let mut classifier = Classifier::embedded()?;
    /// let grey = Frame::from_rgb(2, 2, vec![128; 12])?;
    /// let answer = classifier.classify(&grey, 1);
    /// assert_eq!(answer.predictions.len(), 1);
    /// assert!((0.2..=1.0).contains(&answer.predictions[0].probability));
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn classify<'a>(&mut self, frame: impl Into<FrameRef<'a>>, top_k: usize) -> Answer {
        self.head.answer(&self.embedder.embed(frame), top_k)
    }

    /// The same from several views of the frame: the answer to the mean of their logits. Each view costs a pass of the network.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::picture::view::Views;
    /// use mobilenet_core::{Classifier, Frame};
    /// let mut classifier = Classifier::embedded()?;
    /// let grey = Frame::from_rgb(2, 2, vec![128; 12])?;
    /// // The mirror image of grey is the same grey.
    /// assert_eq!(classifier.classify_views(&grey, Views::Flip, 3), classifier.classify(&grey, 3));
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn classify_views<'a>(&mut self, frame: impl Into<FrameRef<'a>>, views: Views, top_k: usize) -> Answer {
        self.head.answer(&self.embedder.embed_views(frame, views), top_k)
    }

    /// The same as [`Classifier::classify`] from the bytes of a picture file.
    ///
    /// # Errors
    /// As [`decode`].
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::Classifier;
    /// let mut classifier = Classifier::embedded()?;
    /// let answer = classifier.classify_bytes(include_bytes!("../../tests/pictures/jpeg_640x480.jpg"), 3)?;
    /// assert_eq!(answer.predictions.len(), 3);
    /// assert_eq!(classifier.classify_bytes(b"<html>", 3).unwrap_err().code(), "unsupported-format");
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn classify_bytes(&mut self, file: &[u8], top_k: usize) -> Result<Answer, Error> {
        Ok(self.classify(&decode(file)?, top_k))
    }

    /// Where in a frame the evidence for a class lies; `class` is its position among the labels.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when there is no such class.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::{Classifier, Frame};
    /// let mut classifier = Classifier::embedded()?;
    /// let grey = Frame::from_rgb(2, 2, vec![128; 12])?;
    /// let heatmap = classifier.heatmap(&grey, 0)?;
    /// assert_eq!(heatmap.values.len(), 7 * 7);
    /// assert_eq!(classifier.heatmap(&grey, 5).unwrap_err().code(), "bad-argument");
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn heatmap<'a>(&mut self, frame: impl Into<FrameRef<'a>>, class: usize) -> Result<Heatmap, Error> {
        heatmap(&mut self.embedder, &self.head, frame, class)
    }
}

/// [`Classifier::heatmap`] for a head that is not part of a model yet.
///
/// # Errors
/// [`Error::BadArgument`] when there is no such class.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::heatmap;
/// use mobilenet_core::{Classifier, Frame};
/// let mut classifier = Classifier::embedded()?;
/// let head = classifier.head().clone().renamed(["a", "b", "c", "d", "e"].map(String::from).to_vec())?;
/// let grey = Frame::from_rgb(2, 2, vec![128; 12])?;
/// let found = heatmap(classifier.embedder(), &head, &grey, 0)?;
/// assert_eq!(found, classifier.heatmap(&grey, 0)?);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn heatmap<'a>(
    embedder: &mut Embedder,
    head: &Head,
    frame: impl Into<FrameRef<'a>>,
    class: usize,
) -> Result<Heatmap, Error> {
    let frame = frame.into();
    embedder.embed(frame);
    let values = head.activation_map(&embedder.feature_map(), embedder.embedding_len(), class)?;
    let region = embedder.input().region(frame.width(), frame.height());
    Ok(Heatmap { class, side: values.len().isqrt(), values, region })
}

/// The backbone of a model file, or the one that is compiled in, ready to run and checked with the head by the
/// self-test.
///
/// # Errors
/// As [`Classifier::from_bytes`].
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::Model;
/// use mobilenet_core::classifier::{EMBEDDED_HEAD, complete};
/// let Model { backbone, head, self_test } = Model::from_bytes(EMBEDDED_HEAD)?;
/// assert!(backbone.is_none());
/// let (backbone, embedder) = complete(backbone, head.as_ref(), &self_test)?;
/// assert_eq!(embedder.digest(), backbone.digest());
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn complete(
    backbone: Option<Backbone>,
    head: Option<&Head>,
    self_test: &SelfTest,
) -> Result<(Backbone, Embedder), Error> {
    let (backbone, digest) = match backbone {
        Some(backbone) => (backbone, self_test.backbone.clone()),
        None => embedded_backbone_and_digest()?,
    };
    let mut embedder = Embedder::with_digest(&backbone, &digest);
    let mut checked = check(&mut embedder, head, self_test);
    if matches!(checked, Err(Error::SelfTestFailed(_))) && link::reading().is_some() {
        // A browser that answers the probe right and the product wrong. What every browser computes has the last word.
        link::unlink();
        embedder = Embedder::with_digest(&backbone, &digest);
        checked = check(&mut embedder, head, self_test);
    }
    checked?;
    Ok((backbone, embedder))
}

/// Checks that a head belongs to a backbone, and that this machine gives the answers of their self-test.
///
/// # Errors
/// [`Error::WrongBackbone`], [`Error::BadModel`] when the head reads embeddings of another length, or [`Error::SelfTestFailed`].
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::{EMBEDDED_HEAD, check};
/// use mobilenet_core::{Classifier, Model};
/// let mut classifier = Classifier::embedded()?;
/// let Model { head, mut self_test, .. } = Model::from_bytes(EMBEDDED_HEAD)?;
/// check(classifier.embedder(), head.as_ref(), &self_test)?;
/// self_test.logits[0] += 1.0;
/// let error = check(classifier.embedder(), head.as_ref(), &self_test).unwrap_err();
/// assert_eq!(error.code(), "self-test-failed");
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn check(embedder: &mut Embedder, head: Option<&Head>, self_test: &SelfTest) -> Result<(), Error> {
    if let Some(head) = head {
        if head.backbone() != embedder.digest() {
            return Err(Error::WrongBackbone { expected: head.backbone().to_owned(), found: embedder.digest().into() });
        }
        head.check_features(embedder.features(), embedder.embedding_len())?;
    }
    self_test.check(embedder, head)
}

fn without_head() -> Error {
    Error::BadModel("it is a backbone without a head".into())
}

/// The backbone that is compiled in.
///
/// # Errors
/// [`Error::BadModel`] when the crate was built without the `embedded` feature.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::classifier::embedded_backbone;
/// use mobilenet_core::network::Architecture;
/// assert_eq!(embedded_backbone()?.architecture(), Architecture::KERAS);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
pub fn embedded_backbone() -> Result<Backbone, Error> {
    embedded_backbone_and_digest().map(|(backbone, _)| backbone)
}

fn embedded_backbone_and_digest() -> Result<(Backbone, String), Error> {
    #[cfg(feature = "embedded")]
    let Model { backbone, self_test, .. } = Model::from_own_bytes(EMBEDDED_BACKBONE)?;
    #[cfg(feature = "embedded")]
    return Ok((
        backbone.ok_or_else(|| Error::BadModel("the embedded backbone has no layers".into()))?,
        self_test.backbone,
    ));
    #[cfg(not(feature = "embedded"))]
    Err(Error::BadModel("a head alone needs a backbone, and none is compiled in".into()))
}

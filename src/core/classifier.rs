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

#[cfg(feature = "embedded")]
/// The file of the backbone that is compiled in.
pub const EMBEDDED_BACKBONE: &[u8] = include_bytes!("./models/mobilenet_v2_1.0_224.safetensors");
#[cfg(feature = "embedded")]
/// The file of the head that is compiled in.
pub const EMBEDDED_HEAD: &[u8] = include_bytes!("./models/furniture.safetensors");

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
    /// The model that is compiled in.
    ///
    /// # Errors
    /// [`Error::SelfTestFailed`] when this machine computes differently.
    #[cfg(feature = "embedded")]
    pub fn embedded() -> Result<Self, Error> {
        Self::from_model(Model::from_own_bytes(EMBEDDED_HEAD)?)
    }

    /// Reads a model file; a head alone answers over the backbone that is compiled in.
    ///
    /// # Errors
    /// [`Error::BadModel`] when the file is damaged or has no head, [`Error::WrongBackbone`] when the head was
    /// fitted on another backbone, [`Error::SelfTestFailed`] when this machine computes differently.
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
    pub fn embedder(&mut self) -> &mut Embedder {
        &mut self.embedder
    }

    /// The part that turns embeddings into predictions.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// One number a class, in the order of the labels.
    pub fn logits<'a>(&mut self, frame: impl Into<FrameRef<'a>>) -> Vec<f32> {
        self.head.logits(&self.embedder.embed(frame))
    }

    /// The `top_k` likeliest classes, and whether it is any of them.
    pub fn classify<'a>(&mut self, frame: impl Into<FrameRef<'a>>, top_k: usize) -> Answer {
        self.head.answer(&self.embedder.embed(frame), top_k)
    }

    /// The same from several views of the frame: the answer to the mean of their logits.
    pub fn classify_views<'a>(&mut self, frame: impl Into<FrameRef<'a>>, views: Views, top_k: usize) -> Answer {
        self.head.answer(&self.embedder.embed_views(frame, views), top_k)
    }

    /// The same as [`Classifier::classify`] from the bytes of a picture file.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn classify_bytes(&mut self, file: &[u8], top_k: usize) -> Result<Answer, Error> {
        Ok(self.classify(&decode(file)?, top_k))
    }

    /// Where in a frame the evidence for a class lies; `class` is its position among the labels.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when there is no such class.
    pub fn heatmap<'a>(&mut self, frame: impl Into<FrameRef<'a>>, class: usize) -> Result<Heatmap, Error> {
        heatmap(&mut self.embedder, &self.head, frame, class)
    }
}

/// [`Classifier::heatmap`] where a head is not yet part of a model.
///
/// # Errors
/// [`Error::BadArgument`] when there is no such class.
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

/// Whether a head belongs to a backbone, and this machine gives the answers of its self-test.
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

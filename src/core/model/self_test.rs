//! The self-test: what a model answered, where it was made, to a picture that everyone can draw.
//!
//! A machine that computes anything differently, or a file that was changed in a way its digest does not show,
//! gives another answer and is refused before it sees a real picture.

use serde::{Deserialize, Serialize};

use crate::base::digest::sha256;
use crate::error::Error;
use crate::head::Head;
use crate::network::embedder::Embedder;
use crate::picture::frame::Frame;
use crate::picture::input::preprocess;

const WIDTH: usize = 320;
const HEIGHT: usize = 200;

/// The expected answers to [`test_card`]. Digests are SHA-256 in hexadecimal.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::Classifier;
/// use mobilenet_core::model::SelfTest;
/// let mut classifier = Classifier::embedded()?;
/// let head = classifier.head().clone();
/// let mut self_test = SelfTest::record(classifier.embedder(), Some(&head));
/// self_test.check(classifier.embedder(), Some(&head))?;
/// self_test.logits[0] += 1.0;
/// let error = self_test.check(classifier.embedder(), Some(&head)).unwrap_err();
/// assert_eq!(error.code(), "self-test-failed");
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// Digest of the backbone that gave them.
    pub backbone: String,
    /// Digest of the preprocessed card.
    pub input: String,
    /// Digest of the bits that the last layer gives, with which its embedding starts.
    pub embedding: String,
    /// Digest of the bits of the whole embedding, where the head reads it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
    /// The head's logits, where there is one.
    #[serde(skip)]
    pub logits: Vec<f32>,
}

impl SelfTest {
    /// Answers as this machine gives them now.
    pub fn record(embedder: &mut Embedder, head: Option<&Head>) -> Self {
        let input = preprocess(&test_card(), embedder.input());
        let embedding = embedder.embed_input(&input);
        Self {
            backbone: embedder.digest().into(),
            input: sha256(&input),
            embedding: digest(&embedding[..embedder.features()]),
            tail: if head.is_some_and(|head| head.reach() > embedder.features()) {
                digest(&embedding)
            } else {
                String::new()
            },
            logits: head.map(|head| head.logits(&embedding)).unwrap_or_default(),
        }
    }

    /// Compares these answers, which come with a model, with those of this machine.
    ///
    /// # Errors
    /// [`Error::SelfTestFailed`] names the first step that differs.
    pub fn check(&self, embedder: &mut Embedder, head: Option<&Head>) -> Result<(), Error> {
        let found = Self::record(embedder, head);
        let bits = |logits: &[f32]| logits.iter().map(|logit| logit.to_bits()).collect::<Vec<_>>();
        let step = if found.input != self.input {
            "the resized picture differs"
        } else if found.embedding != self.embedding || found.tail != self.tail {
            "the embedding differs"
        } else if bits(&found.logits) != bits(&self.logits) {
            "the logits differ"
        } else {
            return Ok(());
        };
        Err(Error::SelfTestFailed(step.into()))
    }
}

fn digest(numbers: &[f32]) -> String {
    sha256(&numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>())
}

/// A picture without symmetry, 320 x 200 pixels, made of integers: slopes, rings and a disc.
///
/// ```
/// use mobilenet_core::model::test_card;
/// let card = test_card();
/// assert_eq!((card.width(), card.height()), (320, 200));
/// ```
pub fn test_card() -> Frame {
    let mut rgb = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let rings = (x * x + 3 * y * y) / 64 % 256;
            let in_disc = (x as i32 - 240).pow(2) + (y as i32 - 60).pow(2) < 40 * 40;
            rgb.extend(if in_disc {
                [250, 180, 20]
            } else {
                [x * 255 / WIDTH, y * 255 / HEIGHT, rings].map(|v| v as u8)
            });
        }
    }
    Frame::from_rgb(WIDTH, HEIGHT, rgb).expect("the card's length is right")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "588f08659c2b9faea6430f476109580a81b2da15663b87b165fcd442f04f6d24";

    #[test]
    fn the_card_is_the_promised_one() {
        let digest = sha256(test_card().rgb());
        assert_eq!(digest, CARD, "models in the world hold answers to this very card");
    }
}

//! The manifest: what a model file says about itself, as one JSON document in the safetensors metadata.
//!
//! One document under one key, because safetensors keeps its metadata in a hash map and several keys would come out in
//! a different order in every run.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::self_test::SelfTest;
use crate::base::digest::{hex, sha256};
use crate::base::fields::fields_of;
use crate::error::Error;
use crate::head::TrainingSummary;
use crate::network::Architecture;
use crate::picture::input::InputSpec;

/// The newest version that this program reads: of heads that read the tail of the network, which programs before it would misread.
const FORMAT: u32 = 2;
/// The version that all other files have.
const FIRST_FORMAT: u32 = 1;
pub(super) const KEY: &str = "mobilenet_web";
/// Stands in the file while its digest is taken.
const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: u32,
    /// SHA-256 of the whole file with these 64 digits as zeros: no bit of a model can change unseen.
    pub digest: String,
    /// Where the model comes from, of one that was made of another file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backbone: Option<BackboneManifest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadManifest>,
    pub self_test: SelfTest,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BackboneManifest {
    pub architecture: Architecture,
    pub input: InputSpec,
}

#[derive(Serialize, Deserialize)]
pub(super) struct HeadManifest {
    pub labels: Vec<String>,
    pub backbone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingSummary>,
}

/// The names of the manifest's fields, as in a file.
pub(crate) fn fields() -> &'static [&'static str] {
    fields_of::<Manifest>()
}

impl Manifest {
    pub fn new(backbone: Option<BackboneManifest>, head: Option<HeadManifest>, self_test: SelfTest) -> Self {
        let format = if self_test.tail.is_empty() { FIRST_FORMAT } else { FORMAT };
        Self { format, digest: BLANK.into(), origin: None, backbone, head, self_test }
    }

    /// Its entry in the metadata of the file.
    pub fn to_entry(&self) -> (String, String) {
        (KEY.to_owned(), serde_json::to_string(self).expect("strings and numbers always serialise"))
    }

    /// From the metadata's entry called [`KEY`].
    pub fn from_json(json: Option<&String>) -> Result<Self, Error> {
        let json = json.ok_or_else(|| Error::BadModel("a safetensors file, but not of this program".into()))?;
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let unreadable = |error: serde_json::Error| Error::BadModel(format!("its manifest is damaged ({error})"));
        let Version { format } = serde_json::from_slice(json.as_bytes()).map_err(unreadable)?;
        if !(FIRST_FORMAT..=FORMAT).contains(&format) {
            let known = format!("this program reads {FIRST_FORMAT} to {FORMAT}");
            return Err(Error::BadModel(format!("its format is {format}, {known}: a newer program may read it")));
        }
        serde_json::from_slice(json.as_bytes()).map_err(unreadable)
    }
}

/// Puts the digest of a new file in place of its zeros.
pub(super) fn sign(mut file: Vec<u8>) -> Vec<u8> {
    let digest = sha256(&file);
    let at = find(&file, BLANK.as_bytes()).expect("a new manifest has a blank digest");
    file[at..at + digest.len()].copy_from_slice(digest.as_bytes());
    file
}

/// Compares a file with the digest in it.
pub(super) fn check_signature(file: &[u8], digest: &str) -> Result<(), Error> {
    if let Some(at) = find(file, digest.as_bytes()).filter(|_| digest.len() == BLANK.len()) {
        let mut hasher = Sha256::new();
        for part in [&file[..at], BLANK.as_bytes(), &file[at + BLANK.len()..]] {
            hasher.update(part);
        }
        if hex(&hasher.finalize()) == digest {
            return Ok(());
        }
    }
    Err(Error::BadModel("it was damaged or changed after it was made (its digest differs)".into()))
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

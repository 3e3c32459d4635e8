//! The model file: a backbone, a head, or both, in safetensors.
//!
//! Nothing in a file is trusted before it is checked: the digest of the whole file, then every length, shape and range,
//! and, when a [`Classifier`](crate::Classifier) is made, the self-test. A head alone is about 15 KB for five
//! classes, so a page can hold many over one backbone.

pub(crate) mod compressed;
pub mod link;
mod manifest;
mod self_test;
mod tensors;

use safetensors::Dtype;

use crate::error::Error;
use crate::head::calibration::Calibration;
use crate::head::rounding;
use crate::head::rounding::Rounded;
use crate::head::{Features, Head};
use crate::network::{Backbone, Quantization, QuantizedLayer};
pub(crate) use manifest::fields as manifest_fields;
use manifest::{BackboneManifest, HeadManifest, Manifest};
pub use self_test::{SelfTest, test_card};
use tensors::{Reader, Writer};

/// What a model file holds.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use mobilenet_core::Model;
/// let model = Model::from_bytes(include_bytes!("../models/furniture.safetensors"))?;
/// assert!(model.backbone.is_none(), "a head alone");
/// assert_eq!(model.head.as_ref().unwrap().backbone(), model.self_test.backbone);
/// assert_eq!(Model::from_bytes(&model.to_bytes())?, model);
/// # }
/// # Ok::<(), mobilenet_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The backbone, unless the file is a head alone.
    pub backbone: Option<Backbone>,
    /// The head, unless the file is a backbone alone.
    pub head: Option<Head>,
    /// The answers to the test card.
    pub self_test: SelfTest,
}

impl Model {
    /// Reads a model file, or a compressed one (zlib), as [links](crate::model::link) carry it.
    ///
    /// # Errors
    /// [`Error::BadModel`] says what is wrong with it.
    ///
    /// ```
    /// use mobilenet_core::model::Model;
    /// assert_eq!(Model::from_bytes(b"no model").unwrap_err().code(), "bad-model");
    /// ```
    pub fn from_bytes(file: &[u8]) -> Result<Self, Error> {
        if compressed::is_compressed(file) {
            return Self::read(&compressed::inflate(file)?, manifest::check_signature);
        }
        Self::read(file, manifest::check_signature)
    }

    /// Reads a model file that is a part of this program: if that were damaged, so would be what checks it. In a browser
    /// this takes half of the time off a visitor's first answer.
    #[cfg(feature = "embedded")]
    pub(crate) fn from_own_bytes(file: &[u8]) -> Result<Self, Error> {
        Self::read(file, |_, _| Ok(()))
    }

    fn read(file: &[u8], check_signature: impl Fn(&[u8], &str) -> Result<(), Error>) -> Result<Self, Error> {
        let reader = Reader::new(file)?;
        let manifest = reader.manifest()?;
        check_signature(file, &manifest.digest)?;
        let backbone = manifest.backbone.map(|backbone| read_backbone(&reader, backbone)).transpose()?;
        let head = manifest.head.map(|head| read_head(&reader, head)).transpose()?;
        if let (Some(backbone), Some(head)) = (&backbone, &head) {
            let architecture = backbone.architecture();
            head.check_features(architecture.features(), architecture.embedding_len())?;
        }
        let mut self_test = manifest.self_test;
        if let Some(head) = &head {
            self_test.logits = reader.f32("self_test.logits", &[head.labels().len()])?;
            // A sound head has no others.
            if !self_test.logits.iter().all(|logit| logit.is_finite()) {
                return Err(Error::BadModel("a logit of its self-test is not a number".into()));
            }
        }
        Ok(Self { backbone, head, self_test })
    }

    /// Reads a model file by its path.
    ///
    /// # Errors
    /// As [`Model::from_bytes`], or [`Error::Io`]; both name the file.
    ///
    /// ```
    /// use mobilenet_core::Model;
    /// assert_eq!(Model::open("missing.safetensors".as_ref()).unwrap_err().code(), "io");
    /// assert_eq!(Model::open("Cargo.toml".as_ref()).unwrap_err().code(), "bad-model");
    /// ```
    #[cfg(not(target_arch = "wasm32"))]
    pub fn open(path: &std::path::Path) -> Result<Self, Error> {
        Self::from_bytes(&crate::base::file::read(path)?).map_err(Error::in_file(path))
    }

    /// Writes a model file; the same model gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.write(self.manifest())
    }

    /// The same with a sentence in it on where it comes from, for people to read.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use mobilenet_core::Model;
    /// let model = Model::from_bytes(include_bytes!("../models/furniture.safetensors"))?;
    /// let file = model.to_bytes_from("made from furniture.onnx");
    /// assert_eq!(Model::from_bytes(&file)?, model);
    /// assert!(file.windows(14).any(|bytes| bytes == b"furniture.onnx"));
    /// # }
    /// # Ok::<(), mobilenet_core::Error>(())
    /// ```
    pub fn to_bytes_from(&self, origin: &str) -> Vec<u8> {
        self.write(Manifest { origin: Some(origin.into()), ..self.manifest() })
    }

    fn write(&self, manifest: Manifest) -> Vec<u8> {
        let mut writer = Writer::default();
        if let Some(backbone) = &self.backbone {
            write_backbone(&mut writer, backbone);
        }
        if let Some(head) = &self.head {
            let classes = head.labels().len();
            if let Some(bits) = head.features().to_bits() {
                writer.bytes("head.features", Dtype::U8, &[bits.len()], bits);
            }
            write_rows(&mut writer, "head.weight", head.weight(), classes, rounding::WEIGHT);
            writer.f32("head.bias", &[classes], head.bias());
            if let Some(calibration) = head.calibration() {
                write_rows(&mut writer, "head.means", calibration.means(), classes, rounding::DIRECTION);
                writer.f32("head.calibration", &[2], &[calibration.temperature(), calibration.threshold()]);
            }
            writer.f32("self_test.logits", &[classes], &self.self_test.logits);
        }
        manifest::sign(writer.finish(&manifest))
    }

    fn manifest(&self) -> Manifest {
        let backbone = self.backbone.as_ref();
        let head = self.head.as_ref();
        Manifest::new(
            backbone.map(|b| BackboneManifest { architecture: b.architecture(), input: b.input() }),
            head.map(|h| HeadManifest {
                labels: h.labels().to_vec(),
                backbone: h.backbone().to_owned(),
                training: h.training().cloned(),
            }),
            self.self_test.clone(),
        )
    }
}

/// As integers where these are the very numbers, which they are in every head that was calibrated.
fn write_rows(writer: &mut Writer, name: &str, numbers: &[f32], rows: usize, limit: f32) {
    let shape = [rows, numbers.len() / rows];
    match Rounded::exact(numbers, shape[1], limit) {
        None => writer.f32(name, &shape, numbers),
        Some(Rounded { integers, scales }) => {
            writer.i8(name, &shape, &integers);
            writer.f32(&format!("{name}_scale"), &[rows], &scales);
        }
    }
}

fn read_rows(reader: &Reader, name: &str, shape: [usize; 2]) -> Result<Vec<f32>, Error> {
    match reader.f32_if_there(&format!("{name}_scale"), &shape[..1])? {
        None => reader.f32(name, &shape),
        Some(scales) => Ok(Rounded { integers: reader.i8(name, &shape)?, scales }.numbers()),
    }
}

fn write_backbone(writer: &mut Writer, backbone: &Backbone) {
    let table = backbone.architecture().layers();
    for (row, layer) in table.iter().zip(backbone.layers()) {
        let name = |part: &str| format!("backbone.{}.{part}", row.name);
        writer.i8(&name("weight"), &row.weight_shape(), &layer.weight);
        writer.f32(&name("weight_scale"), &[row.outputs], &layer.weight_scale);
        writer.i32(&name("bias"), &[row.outputs], &layer.bias);
    }
    let scales: Vec<f32> = backbone.layers().iter().map(|layer| layer.output.scale).collect();
    let zero_points: Vec<u8> = backbone.layers().iter().map(|layer| layer.output.zero_point).collect();
    writer.f32("backbone.output_scale", &[table.len()], &scales);
    writer.bytes("backbone.output_zero_point", Dtype::U8, &[table.len()], zero_points);
}

fn read_backbone(reader: &Reader, manifest: BackboneManifest) -> Result<Backbone, Error> {
    let BackboneManifest { architecture, input } = manifest;
    // The table is computed from these numbers, so they are checked before it is asked for.
    architecture.validate()?;
    let table = architecture.layers();
    let scales = reader.f32("backbone.output_scale", &[table.len()])?;
    let zero_points = reader.bytes("backbone.output_zero_point", Dtype::U8, &[table.len()])?;
    let outputs = scales.iter().zip(zero_points).map(|(scale, zero)| Quantization { scale: *scale, zero_point: *zero });
    let read_layer = |(row, output): (&crate::network::Layer, Quantization)| {
        let name = |part: &str| format!("backbone.{}.{part}", row.name);
        Ok(QuantizedLayer {
            weight: reader.i8(&name("weight"), &row.weight_shape())?,
            weight_scale: reader.f32(&name("weight_scale"), &[row.outputs])?,
            bias: reader.i32(&name("bias"), &[row.outputs])?,
            output,
        })
    };
    let layers = table.iter().zip(outputs).map(read_layer).collect::<Result<_, Error>>()?;
    Backbone::new(architecture, input, layers)
}

fn read_head(reader: &Reader, manifest: HeadManifest) -> Result<Head, Error> {
    let HeadManifest { labels, backbone, training } = manifest;
    let classes = labels.len();
    let features = reader.columns("head.weight", classes)?;
    let weight = read_rows(reader, "head.weight", [classes, features])?;
    let mut head = Head::new(labels, weight, reader.f32("head.bias", &[classes])?, backbone)?;
    if let Some(bits) = reader.bytes_if_there("head.features")? {
        head = head.reading(Features::from_bits(bits)?)?;
    }
    if let Some(training) = training {
        head = head.with_training(training)?;
    }
    if let Some(numbers) = reader.f32_if_there("head.calibration", &[2])? {
        let last = reader.columns("head.means", classes)?;
        let means = read_rows(reader, "head.means", [classes, last])?;
        head = head.with_calibration(Calibration::new(numbers[0], means, numbers[1])?)?;
    }
    Ok(head)
}

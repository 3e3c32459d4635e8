//! Metadata: what MediaPipe and Android's Task Library have to know of a picture classifier to run it unasked. Slots and
//! numbers are those of `metadata_schema.fbs`.

use super::table::{Buffer, Field, Place};
use crate::export::about::INPUT;

const IDENTIFIER: &str = "M001";
/// The schema's version that first had all that is used here.
const MIN_PARSER_VERSION: &str = "1.0.0";
/// The file in the archive behind the model, one label a line.
pub(super) const LABELS: &str = "labels.txt";

/// What there is to say.
pub(super) struct Metadata<'a> {
    pub description: &'a str,
    /// How a byte becomes what the input's tensor holds: what is taken off it, and what that is divided by.
    pub normalization: [f32; 2],
    /// The output's name.
    pub output: &'a str,
    pub about_output: &'a str,
    pub has_labels: bool,
}

impl Metadata<'_> {
    /// A flatbuffer of its own, which lies in one of the model's buffers.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut buffer = Buffer::new();
        let input = self.input(&mut buffer);
        let output = self.output(&mut buffer);
        let (inputs, outputs) = (buffer.list(&[input]), buffer.list(&[output]));
        // SubGraphMetadata: input_tensor_metadata, output_tensor_metadata.
        let subgraph = buffer.table(&[(2, inputs), (3, outputs)]);
        let (name, description) = (buffer.text("mobilenet"), buffer.text(self.description));
        let (subgraphs, version) = (buffer.list(&[subgraph]), buffer.text(MIN_PARSER_VERSION));
        // ModelMetadata: name, description, subgraph_metadata, min_parser_version.
        let model = buffer.table(&[(0, name), (1, description), (3, subgraphs), (7, version)]);
        buffer.finish(model, IDENTIFIER)
    }

    /// TensorMetadata: name, description, content, process_units.
    fn input(&self, buffer: &mut Buffer) -> Place {
        const RGB: Field = Field::Byte(1);
        const IMAGE_PROPERTIES: Field = Field::Byte(2);
        const NORMALIZATION_OPTIONS: Field = Field::Byte(1);
        // ImageProperties: color_space. Content: content_properties_type, content_properties.
        let image = buffer.table(&[(0, RGB)]);
        let content = buffer.table(&[(0, IMAGE_PROPERTIES), (1, Field::At(image))]);
        // NormalizationOptions: mean, std. ProcessUnit: options_type, options.
        let [mean, std] = self.normalization.map(|number| buffer.list(&[number]));
        let options = buffer.table(&[(0, mean), (1, std)]);
        let unit = buffer.table(&[(0, NORMALIZATION_OPTIONS), (1, Field::At(options))]);
        let (name, description) = (buffer.text("input"), buffer.text(INPUT));
        let units = buffer.list(&[unit]);
        buffer.table(&[(0, name), (1, description), (3, Field::At(content)), (4, units)])
    }

    /// TensorMetadata: name, description, associated_files.
    fn output(&self, buffer: &mut Buffer) -> Place {
        const TENSOR_AXIS_LABELS: Field = Field::Byte(2);
        let (name, description) = (buffer.text(self.output), buffer.text(self.about_output));
        if !self.has_labels {
            return buffer.table(&[(0, name), (1, description)]);
        }
        // AssociatedFile: name, description, type.
        let (file, about) = (buffer.text(LABELS), buffer.text("one label a line"));
        let labels = buffer.table(&[(0, file), (1, about), (2, TENSOR_AXIS_LABELS)]);
        let files = buffer.list(&[labels]);
        buffer.table(&[(0, name), (1, description), (6, files)])
    }
}

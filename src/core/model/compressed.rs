//! A model file compressed with zlib, as links and pages carry it: written here and read here.
//!
//! Each tensor of rounded weights starts with a full flush, so that zlib builds a table of its own for each kind of value. This makes a
//! head of five classes a tenth smaller.

use std::io::Write as _;

use fdeflate::BoundedDecompressionError;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use safetensors::{Dtype, SafeTensors};

use crate::error::Error;

/// The most bytes that a compressed file may become: a head of thousands of classes.
pub(crate) const INFLATED_LIMIT: usize = 64 << 20;

/// A zlib file, unless its first byte is that of a safetensors file's length by chance.
pub(super) fn is_compressed(file: &[u8]) -> bool {
    file.first() == Some(&0x78) && file.get(8) != Some(&b'{')
}

pub(super) fn inflate(file: &[u8]) -> Result<Vec<u8>, Error> {
    fdeflate::decompress_to_vec_bounded(file, INFLATED_LIMIT).map_err(|error| {
        Error::BadModel(match error {
            BoundedDecompressionError::DecompressionError { .. } => "it was cut short or changed on its way".into(),
            BoundedDecompressionError::OutputTooLarge { .. } => {
                format!("it is larger than {} MB", INFLATED_LIMIT >> 20)
            }
        })
    })
}

/// A model file as links and pages carry it.
pub(crate) fn compress(file: &[u8]) -> Vec<u8> {
    let (header, metadata) = SafeTensors::read_metadata(file).expect("a model writes a sound file");
    let tensors = metadata.tensors();
    let mut starts: Vec<usize> = tensors
        .values()
        .filter(|tensor| tensor.dtype == Dtype::I8)
        .map(|tensor| size_of::<u64>() + header + tensor.data_offsets.0)
        .collect();
    starts.sort_unstable();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let mut written = 0;
    for end in starts.into_iter().chain([file.len()]) {
        let part = encoder.write_all(&file[written..end]).and_then(|()| encoder.flush());
        part.expect("memory takes every byte");
        written = end;
    }
    encoder.finish().expect("memory takes every byte")
}

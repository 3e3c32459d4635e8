//! Tensors of a model file, read and written by name, type and shape.

use safetensors::tensor::{Metadata, TensorInfo, TensorView};
use safetensors::{Dtype, SafeTensors};

use super::manifest::{KEY, Manifest};
use crate::error::Error;

/// The parts of a file. Its header is parsed once: for a backbone that takes a browser 2 ms, before the first answer.
pub(super) struct Reader<'a> {
    metadata: Metadata,
    tensors: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Checks that the tensors fill the file.
    pub fn new(file: &'a [u8]) -> Result<Self, Error> {
        let damaged = |error| Error::BadModel(format!("no safetensors file, or a damaged one ({error})"));
        let (header, metadata) = SafeTensors::read_metadata(file).map_err(damaged)?;
        Ok(Self { metadata, tensors: &file[size_of::<u64>() + header..] })
    }

    pub fn manifest(&self) -> Result<Manifest, Error> {
        Manifest::from_json(self.metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY)))
    }

    /// The bytes of a tensor that has this very type and shape.
    pub fn bytes(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8], Error> {
        let tensor = self.tensor(name)?;
        if tensor.dtype != dtype || tensor.shape != shape {
            let found = format!("{:?} {:?}", tensor.dtype, tensor.shape);
            return Err(Error::BadModel(format!("tensor {name} is {found} and not {dtype:?} {shape:?}")));
        }
        Ok(&self.tensors[tensor.data_offsets.0..tensor.data_offsets.1])
    }

    /// Bytes of any number, or nothing when there is no tensor of that name.
    pub fn bytes_if_there(&self, name: &str) -> Result<Option<&'a [u8]>, Error> {
        let tensor = self.metadata.info(name);
        tensor.map(|tensor| self.bytes(name, Dtype::U8, &[tensor.shape.iter().product()])).transpose()
    }

    /// The second side of a matrix that has this many rows.
    pub fn columns(&self, name: &str, rows: usize) -> Result<usize, Error> {
        match *self.tensor(name)?.shape {
            [found, columns] if found == rows => Ok(columns),
            ref shape => Err(Error::BadModel(format!("tensor {name} is {shape:?} and has not {rows} rows"))),
        }
    }

    fn tensor(&self, name: &str) -> Result<&TensorInfo, Error> {
        self.metadata.info(name).ok_or_else(|| Error::BadModel(format!("tensor {name} is missing")))
    }

    pub fn f32(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        Ok(words(self.bytes(name, Dtype::F32, shape)?).map(f32::from_le_bytes).collect())
    }

    /// The same, or nothing when there is no tensor of that name.
    pub fn f32_if_there(&self, name: &str, shape: &[usize]) -> Result<Option<Vec<f32>>, Error> {
        self.metadata.info(name).is_some().then(|| self.f32(name, shape)).transpose()
    }

    pub fn i32(&self, name: &str, shape: &[usize]) -> Result<Vec<i32>, Error> {
        Ok(words(self.bytes(name, Dtype::I32, shape)?).map(i32::from_le_bytes).collect())
    }

    pub fn i8(&self, name: &str, shape: &[usize]) -> Result<Vec<i8>, Error> {
        Ok(self.bytes(name, Dtype::I8, shape)?.iter().map(|byte| *byte as i8).collect())
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]])
}

#[derive(Default)]
pub(super) struct Writer(Vec<(String, Dtype, Vec<usize>, Vec<u8>)>);

impl Writer {
    pub fn bytes(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        self.0.push((name.into(), dtype, shape.into(), bytes));
    }

    pub fn f32(&mut self, name: &str, shape: &[usize], numbers: &[f32]) {
        self.bytes(name, Dtype::F32, shape, numbers.iter().flat_map(|number| number.to_le_bytes()).collect());
    }

    pub fn i32(&mut self, name: &str, shape: &[usize], numbers: &[i32]) {
        self.bytes(name, Dtype::I32, shape, numbers.iter().flat_map(|number| number.to_le_bytes()).collect());
    }

    pub fn i8(&mut self, name: &str, shape: &[usize], numbers: &[i8]) {
        self.bytes(name, Dtype::I8, shape, numbers.iter().map(|number| *number as u8).collect());
    }

    /// The file, its digest still blank.
    pub fn finish(&self, manifest: &Manifest) -> Vec<u8> {
        let views = self.0.iter().map(|(name, dtype, shape, bytes)| {
            (name, TensorView::new(*dtype, shape.clone(), bytes).expect("every tensor fits its shape"))
        });
        safetensors::serialize(views, Some([manifest.to_entry()].into_iter().collect()))
            .expect("tensors that fit their shapes serialise")
    }
}

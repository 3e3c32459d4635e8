//! Changes to model files that keep their digest right.

use libfuzzer_sys::fuzzer_mutate;
use sha2::{Digest, Sha256};

/// Stands before the digest, inside a string of the header.
const BEFORE: &[u8] = br#"digest\":\""#;
const DIGITS: usize = 64;
/// Bytes of the header's length.
const LENGTH: usize = 8;

/// Changes the header or the tensors, and makes length and digest right again; now and then anything, and leaves it at that.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let Some((header, tensors)) = parts(&data[..size]).filter(|_| seed % 16 > 0) else {
        return fuzzer_mutate(data, size, max_size);
    };
    let room = max_size.saturating_sub(LENGTH);
    let file = if seed % 4 > 0 {
        join(&changed(header, room.saturating_sub(tensors.len())), tensors)
    } else {
        join(header, &changed(tensors, room.saturating_sub(header.len())))
    };
    data[..file.len()].copy_from_slice(&sign(file.clone()));
    file.len()
}

/// Header and tensors.
fn parts(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = file.split_first_chunk::<LENGTH>()?;
    rest.split_at_checked(u64::from_le_bytes(*length).try_into().ok()?)
}

fn join(header: &[u8], tensors: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, tensors].concat()
}

fn changed(part: &[u8], room: usize) -> Vec<u8> {
    let mut bytes = part.to_vec();
    bytes.resize(room.max(1), 0);
    let size = fuzzer_mutate(&mut bytes, part.len().min(room), room.max(1));
    bytes.truncate(size.min(room));
    bytes
}

/// The file with the digest that it has to have.
pub fn sign(mut file: Vec<u8>) -> Vec<u8> {
    let Some(at) = file.windows(BEFORE.len()).position(|window| window == BEFORE) else { return file };
    let at = at + BEFORE.len();
    if file.len() < at + DIGITS {
        return file;
    }
    file[at..at + DIGITS].fill(b'0');
    let digest = Sha256::digest(&file);
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    file[at..at + DIGITS].copy_from_slice(digits.as_bytes());
    file
}

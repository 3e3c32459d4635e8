//! SHA-256 in hexadecimal: the name of every file, backbone and input that a model refers to.

use sha2::{Digest, Sha256};

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
///
/// ```
/// assert!(mobilenet_core::base::digest::sha256(b"abc").starts_with("ba7816bf8f01cfea"));
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal, two digits each.
///
/// ```
/// use mobilenet_core::base::digest::hex;
/// assert_eq!(hex(&[0, 171, 255]), "00abff");
/// ```
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

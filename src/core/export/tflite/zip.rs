//! Zip: the archive that TFLite files carry their labels in, behind their last byte.
//!
//! One stored file in the format's first version is thirty numbers; the crate for it brings eight others along. Offsets
//! count from the start of the whole file, as Python's `zipfile` in mode `a` writes them, with which TensorFlow does this.

/// Appends an archive with one file in it.
pub(super) fn append(model: &mut Vec<u8>, name: &str, content: &[u8]) {
    let start = model.len() as u32;
    let entry = entry(name, content);
    model.extend(b"PK\x03\x04");
    model.extend(&entry);
    model.extend(name.as_bytes());
    model.extend(content);
    let directory = model.len() as u32;
    model.extend(b"PK\x01\x02");
    model.extend(VERSION.to_le_bytes());
    model.extend(&entry);
    // Comment, disk, attributes inside and outside of the file: none.
    model.extend([0; 10]);
    model.extend(start.to_le_bytes());
    model.extend(name.as_bytes());
    let length = model.len() as u32 - directory;
    model.extend(b"PK\x05\x06\0\0\0\0");
    // Files on this disk, and in all.
    model.extend([1, 0, 1, 0]);
    model.extend(length.to_le_bytes());
    model.extend(directory.to_le_bytes());
    model.extend([0; 2]);
}

/// 1.0, in tenths.
const VERSION: u16 = 10;
/// The first of January 1980, which is where the format's time begins: the same model gives the same bytes.
const DATE: u16 = 1 << 5 | 1;

/// What both headers of a file say of it: version, flags, method, time, date, checksum, both lengths, lengths of name and
/// of what else there is.
fn entry(name: &str, content: &[u8]) -> Vec<u8> {
    let mut entry = Vec::new();
    [VERSION, 0, 0, 0, DATE].iter().for_each(|number| entry.extend(number.to_le_bytes()));
    let length = content.len() as u32;
    [crc32fast::hash(content), length, length].iter().for_each(|number| entry.extend(number.to_le_bytes()));
    [name.len() as u16, 0].iter().for_each(|number| entry.extend(number.to_le_bytes()));
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_leads_to_its_record() {
        let mut file = vec![7; 100];
        append(&mut file, "labels.txt", b"bed\nchair\n");
        let number = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize;
        let end = file.len() - 22;
        let (length, directory) = (number(end + 12), number(end + 16));
        assert!(file[end..].starts_with(b"PK\x05\x06") && directory + length == end);
        let start = number(directory + 42);
        assert!(file[directory..].starts_with(b"PK\x01\x02") && start == 100);
        assert!(
            file[start..].starts_with(b"PK\x03\x04") && file[start + 30..].starts_with(b"labels.txtbed\nchair\nPK")
        );
        assert_eq!(number(start + 14), number(directory + 16), "both headers have the checksum");
    }
}

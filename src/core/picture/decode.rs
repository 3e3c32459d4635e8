//! Decode: the bytes of a picture file become an upright frame, the same frame on every machine.
//!
//! The browser's own decoders differ from each other by a few levels, and its canvas may add noise, so pages
//! and terminal both come through here. What a file is, its first bytes say; its name is never asked. Sizes
//! are checked in the header, before memory is taken. EXIF orientation is applied and transparency
//! is laid over white, because that is the picture people see. Colour profiles are ignored.

use std::io::Cursor;

use image::{ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};

use crate::error::Error;
use crate::picture::frame::Frame;
use crate::picture::jpeg;
use crate::picture::orientation::upright;

/// The most pixels that a picture may have: more than the photos of phones (50 million). Decoding takes at most 0.4 GB, and 0.6 GB
/// with 16 bits a channel.
///
/// ```
/// use mobilenet_core::picture::decode::PIXEL_LIMIT;
/// let (width, height) = (8064, 6048);
/// assert!(width * height <= PIXEL_LIMIT);
/// ```
pub const PIXEL_LIMIT: u64 = 64_000_000;

/// The most pixels that a side may have, as in a JPEG: the filter that makes a picture smaller is as long as its side.
///
/// ```
/// use mobilenet_core::picture::decode::SIDE_LIMIT;
/// assert_eq!(SIDE_LIMIT, u32::from(u16::MAX));
/// ```
pub const SIDE_LIMIT: u32 = 65_535;

/// The most segments a JPEG may have. A photo has some tens; a table is taken in with every one, so that millions would be
/// minutes.
pub(crate) const SEGMENT_LIMIT: usize = 10_000;

/// Memory a decoder may take: 8 bytes a pixel, which is 16-bit RGBA.
const DECODER_LIMIT: u64 = PIXEL_LIMIT * 8;

const FORMATS: [(ImageFormat, &str); 5] = [
    (ImageFormat::Jpeg, "JPEG"),
    (ImageFormat::Png, "PNG"),
    (ImageFormat::WebP, "WebP"),
    (ImageFormat::Gif, "GIF"),
    (ImageFormat::Bmp, "BMP"),
];

/// Decodes JPEG, PNG, WebP, GIF (its first frame) or BMP.
///
/// # Errors
/// [`Error::EmptyFile`], [`Error::UnsupportedFormat`], [`Error::PictureTooLarge`] or [`Error::CorruptPicture`]; a
/// picture that is cut short is an error, never half a picture.
///
/// ```
/// use mobilenet_core::picture::decode::decode;
/// assert_eq!(decode(b"<html>").unwrap_err().code(), "unsupported-format");
/// ```
pub fn decode(bytes: &[u8]) -> Result<Frame, Error> {
    if bytes.is_empty() {
        return Err(Error::EmptyFile);
    }
    let (format, name) = format_of(bytes).ok_or_else(|| Error::UnsupportedFormat { found: sniff(bytes) })?;
    let damaged =
        |error: ImageError| Error::CorruptPicture { format: name, reason: error.to_string().trim_end().into() };
    if format == ImageFormat::Jpeg {
        return jpeg::decode(bytes);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_LIMIT);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    check_size(name, width, height)?;
    let orientation = decoder.orientation().map_err(damaged)?;
    let color = decoder.color_type();
    let mut samples = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut samples).map_err(damaged)?;
    if color.bytes_per_pixel() == 2 * color.channel_count() {
        narrow(&mut samples);
    }
    let frame = to_frame(width as usize, height as usize, color.channel_count(), samples)?;
    Ok(upright(frame, orientation))
}

/// Refuses a picture for what its header says of its size.
pub(super) fn check_size(format: &'static str, width: u32, height: u32) -> Result<(), Error> {
    if width == 0 || height == 0 {
        return Err(Error::CorruptPicture { format, reason: "it has no pixels".into() });
    }
    if u64::from(width) * u64::from(height) > PIXEL_LIMIT || width.max(height) > SIDE_LIMIT {
        return Err(Error::PictureTooLarge { width, height, limit: PIXEL_LIMIT, side_limit: SIDE_LIMIT });
    }
    Ok(())
}

/// The format that these bytes start like: "JPEG", "PNG", "WebP", "GIF" or "BMP". `None` for anything else, which [`decode`]
/// refuses.
///
/// ```
/// use mobilenet_core::picture::decode::format_name;
/// assert_eq!(format_name(b"GIF89a"), Some("GIF"));
/// assert_eq!(format_name(b"<html>"), None);
/// ```
pub fn format_name(bytes: &[u8]) -> Option<&'static str> {
    format_of(bytes).map(|(_, name)| name)
}

/// Makes samples of 16 bits such of 8, where they lie.
fn narrow(samples: &mut Vec<u8>) {
    let count = samples.len() / 2;
    for at in 0..count {
        samples[at] = eight_bits(u16::from_ne_bytes([samples[2 * at], samples[2 * at + 1]]));
    }
    samples.truncate(count);
    samples.shrink_to_fit();
}

/// The nearest of 256 levels.
fn eight_bits(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

/// From grey, grey and alpha, RGB or RGBA. Written out, because the picture library's conversions know every pixel and colour
/// space there is, and are larger than the decoders.
pub(super) fn to_frame(width: usize, height: usize, channels: u8, samples: Vec<u8>) -> Result<Frame, Error> {
    match channels {
        1 => {
            let mut rgb = Vec::with_capacity(3 * samples.len());
            rgb.extend(samples.iter().flat_map(|grey| [*grey; 3]));
            Frame::from_rgb(width, height, rgb)
        }
        2 => {
            let mut rgba = Vec::with_capacity(2 * samples.len());
            rgba.extend(samples.as_chunks().0.iter().flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha]));
            Frame::from_owned_rgba(width, height, rgba)
        }
        3 => Frame::from_rgb(width, height, samples),
        _ => Frame::from_owned_rgba(width, height, samples),
    }
}

fn format_of(bytes: &[u8]) -> Option<(ImageFormat, &'static str)> {
    let format = image::guess_format(bytes).ok()?;
    FORMATS.into_iter().find(|(known, _)| *known == format)
}

/// What a file that is not decoded looks like, for the message.
fn sniff(bytes: &[u8]) -> &'static str {
    let start = bytes.trim_ascii_start();
    let starts_with =
        |text: &str| start.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes()));
    let brand = bytes.get(4..12).unwrap_or_default();
    match () {
        () if brand.starts_with(b"ftypavif") => "an AVIF picture",
        () if brand.starts_with(b"ftyphei") || brand.starts_with(b"ftypmif") => "a HEIC picture",
        () if brand.starts_with(b"ftyp") => "a video",
        () if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") => "a TIFF picture",
        () if starts_with("<svg") => "an SVG drawing",
        () if starts_with("<?xml") && contains(bytes, b"<svg") => "an SVG drawing",
        () if starts_with("<") => "a web page",
        () if starts_with("version https://git-lfs") => "a Git LFS pointer (fetch the file itself with `git lfs pull`)",
        () if starts_with("%PDF") => "a PDF document",
        () if starts_with("PK") => "an archive",
        () => "a file of unknown kind",
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(format: ImageFormat) -> Vec<u8> {
        let picture = image::DynamicImage::from(image::RgbImage::from_fn(9, 5, |x, y| {
            image::Rgb([x as u8 * 20, y as u8 * 40, 7])
        }));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_format_has_its_size_and_no_cut_file_passes() {
        for (format, name) in FORMATS {
            let bytes = encode(format);
            let frame = decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((frame.width(), frame.height()), (9, 5), "{name}");
            for length in 0..bytes.len() * 9 / 10 {
                assert!(decode(&bytes[..length]).is_err(), "{name} cut to {length} of {} bytes", bytes.len());
            }
        }
    }

    #[test]
    fn lossless_formats_keep_every_pixel() {
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp] {
            let frame = decode(&encode(format)).unwrap();
            assert_eq!(frame.rgb()[(3 * frame.width() + 2) * 3..][..3], [40, 120, 7], "{format:?}");
        }
    }

    #[test]
    fn every_kind_of_pixel_equals_the_libraries_conversion() {
        use image::{DynamicImage, ImageBuffer};
        let samples = |channels: u32| (0..7 * 3 * channels).map(|at| (at * 2731) as u16).collect::<Vec<_>>();
        let pictures: [DynamicImage; 4] = [
            ImageBuffer::<image::Luma<u16>, _>::from_raw(7, 3, samples(1)).unwrap().into(),
            ImageBuffer::<image::LumaA<u16>, _>::from_raw(7, 3, samples(2)).unwrap().into(),
            ImageBuffer::<image::Rgb<u16>, _>::from_raw(7, 3, samples(3)).unwrap().into(),
            ImageBuffer::<image::Rgba<u16>, _>::from_raw(7, 3, samples(4)).unwrap().into(),
        ];
        for wide in pictures {
            let narrow: DynamicImage = match wide.color().channel_count() {
                1 => wide.to_luma8().into(),
                2 => wide.to_luma_alpha8().into(),
                3 => wide.to_rgb8().into(),
                _ => wide.to_rgba8().into(),
            };
            for picture in [wide, narrow] {
                let mut bytes = Cursor::new(Vec::new());
                picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
                let expected = Frame::from_rgba(7, 3, &picture.to_rgba8()).unwrap();
                assert_eq!(decode(bytes.get_ref()).unwrap(), expected, "{:?}", picture.color());
            }
        }
    }

    #[test]
    fn too_many_pixels_are_refused_from_the_header() {
        let mut bytes = encode(ImageFormat::Bmp);
        bytes[18..22].copy_from_slice(&30_000u32.to_le_bytes());
        bytes[22..26].copy_from_slice(&30_000u32.to_le_bytes());
        assert_eq!(decode(&bytes).unwrap_err().code(), "picture-too-large");
    }

    #[test]
    fn sides_that_no_photo_has_are_refused_from_the_header() {
        let mut bytes = encode(ImageFormat::Png);
        bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 1]);
        let header = crc32fast::hash(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&header.to_be_bytes());
        let error = decode(&bytes).unwrap_err();
        assert_eq!(error.code(), "picture-too-large", "{error}");
        assert!(
            error.to_string().contains("65536 x 1 pixels") && error.to_string().contains("65535 a side"),
            "{error}"
        );
    }

    #[test]
    fn a_jpeg_of_too_many_parts_is_refused_before_and_between_its_scans() {
        let whole = include_bytes!("../../../tests/pictures/jpeg_progressive.jpg");
        let scan = whole.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
        for at in [2, scan] {
            let bytes = |parts| [&whole[..at], &[0xFF, 0xFE, 0, 2].repeat(parts), &whole[at..]].concat();
            assert_eq!(decode(&bytes(100)).unwrap(), decode(whole).unwrap());
            let error = decode(&bytes(SEGMENT_LIMIT + 1)).unwrap_err().to_string();
            assert!(error.contains("more parts than any photo"), "{error}");
        }
    }

    #[test]
    fn a_picture_without_pixels_is_damaged() {
        let mut bytes = encode(ImageFormat::Gif);
        bytes[6..10].fill(0);
        assert_eq!(decode(&bytes).unwrap_err().code(), "corrupt-picture");
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let cases: [(&[u8], &str); 7] = [
            (b"<!DOCTYPE html><p>", "a web page"),
            (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
            (
                b"version https://git-lfs.github.com/spec/v1",
                "a Git LFS pointer (fetch the file itself with `git lfs pull`)",
            ),
            (b"\0\0\0\x18ftypheic", "a HEIC picture"),
            (b"II*\0abcd", "a TIFF picture"),
            (b"PK\x03\x04", "an archive"),
            (b"\x01\x02\x03", "a file of unknown kind"),
        ];
        for (bytes, name) in cases {
            assert!(matches!(decode(bytes), Err(Error::UnsupportedFormat { found }) if found == name), "{name}");
        }
        assert!(matches!(decode(b""), Err(Error::EmptyFile)));
    }
}

//! Picture files of a few bytes that claim, or become, a great deal.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Those whose claim is true and small enough, or in a part that is not read. They have an answer; the others have a reason.
pub const HARMLESS: [&str; 18] = [
    "idat.png",
    "square.png",
    "deep.png",
    "widest.png",
    "ztxt.png",
    "itxt.png",
    "iccp.png",
    "text.png",
    "exif.png",
    "chunks.png",
    "square.gif",
    "frames.gif",
    "comments.gif",
    "nothing.bmp",
    "lines.bmp",
    "scans.jpg",
    "profiles.jpg",
    "filled.jpg",
];

/// Bytes of zeros, compressed a thousandfold.
pub fn zeros(count: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let part = vec![0; 1 << 20];
    (0..count).step_by(part.len()).for_each(|at| encoder.write_all(&part[..part.len().min(count - at)]).unwrap());
    encoder.finish().unwrap()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [kind, data].concat();
    [&(data.len() as u32).to_be_bytes(), &named[..], &crc32fast::hash(&named).to_be_bytes()].concat()
}

fn png([width, height]: [u32; 2], kind: [u8; 2], chunks: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &kind, &[0; 3]].concat();
    [b"\x89PNG\r\n\x1a\n", &chunk(b"IHDR", &header)[..], chunks, &chunk(b"IEND", b"")].concat()
}

fn gif([width, height]: [u16; 2], frame: [u16; 2], frames: usize, before: &[u8]) -> Vec<u8> {
    let header = [b"GIF89a", &width.to_le_bytes()[..], &height.to_le_bytes(), b"\xf0\0\0\0\0\0\xff\xff\xff"].concat();
    let size = [&[0x2c, 0, 0, 0, 0][..], &frame[0].to_le_bytes(), &frame[1].to_le_bytes()].concat();
    let frame = [b"\x21\xf9\x04\0\0\0\0\0", &size[..], b"\0\x02\x02\x44\x01\0"].concat();
    [header, before.into(), frame.repeat(frames), vec![0x3b]].concat()
}

fn riff(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&kind[..], &(data.len() as u32).to_le_bytes(), data, &vec![0; data.len() % 2]].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    riff(b"RIFF", &[b"WEBP", &chunks.concat()[..]].concat())
}

fn canvas(flags: u8, side: u32) -> Vec<u8> {
    let side = &(side - 1).to_le_bytes()[..3];
    riff(b"VP8X", &[&[flags, 0, 0, 0], side, side].concat())
}

fn lossless(side: u32) -> Vec<u8> {
    let size = (side - 1) | (side - 1) << 14;
    riff(b"VP8L", &[&[0x2f], &size.to_le_bytes()[..], &[0; 20]].concat())
}

fn bmp([width, height]: [i32; 2], bits: u16, compression: u32, data: &[u8]) -> Vec<u8> {
    let palette = if bits < 24 { 4 << bits } else { 0 };
    let begin = 54 + palette;
    let length = (begin + data.len()) as u32;
    let file = [b"BM", &length.to_le_bytes()[..], &[0; 4], &(begin as u32).to_le_bytes()].concat();
    let size = [&40u32.to_le_bytes()[..], &width.to_le_bytes(), &height.to_le_bytes(), &[1, 0]].concat();
    let kind = [&bits.to_le_bytes()[..], &compression.to_le_bytes(), &(data.len() as u32).to_le_bytes()].concat();
    [file, size, kind, vec![0; 16 + palette], data.into()].concat()
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xff, marker], &(data.len() as u16 + 2).to_be_bytes()[..], data].concat()
}

/// A grey progressive JPEG that claims a side, has data for 64 x 64 pixels, and so many scans that skip every block of it.
fn jpeg(side: u16, before: &[u8], scans: usize) -> Vec<u8> {
    let size = [&[8], &side.to_be_bytes()[..], &side.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
    let one_code = |class: u8, symbol: u8| segment(0xc4, &[&[class, 1][..], &[0; 15], &[symbol]].concat());
    // A run of 16,384 blocks and more, as a code of one bit and 14 bits of zeros, again and again.
    let blocks = usize::from(side).div_ceil(8).pow(2).div_ceil(16384);
    let skip = [segment(0xda, &[1, 1, 0, 1, 63, 0]), vec![0; (blocks * 15).div_ceil(8)]].concat();
    let first = [segment(0xda, &[1, 1, 0, 0, 0, 0]), vec![0; 8]].concat();
    [
        &[0xff, 0xd8][..],
        &segment(0xdb, &[&[0][..], &[1; 64]].concat()),
        &segment(0xc2, &size),
        &one_code(0, 0),
        &one_code(0x10, 0xe0),
        before,
        &first,
        &skip.repeat(scans),
        &[0xff, 0xd9],
    ]
    .concat()
}

/// Name and bytes of each.
pub fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let hundred = zeros(100 << 20);
    let pixels = chunk(b"IDAT", &zeros(25));
    let with = |kind, data: &[u8]| png([8, 1], [8, 2], &[chunk(kind, data), pixels.clone()].concat());
    let text = |kind, head: &[u8]| with(kind, &[head, &hundred].concat());
    let square = chunk(b"IDAT", &zeros(8001 * 8000));
    let animation = [canvas(2, 8000), riff(b"ANIM", &[0; 6])].concat();
    let frame = riff(b"ANMF", &[&[0; 6][..], b"\x3f\x1f\0\x3f\x1f\0", &[0; 4], &lossless(8000)].concat());
    vec![
        ("idat.png", png([8, 1], [8, 2], &chunk(b"IDAT", &hundred))),
        ("square.png", png([8000, 8000], [8, 0], &square)),
        ("deep.png", png([8000, 7990], [16, 6], &chunk(b"IDAT", &zeros(64001 * 7990)))),
        ("wide.png", png([64_000_000, 1], [8, 0], &chunk(b"IDAT", &zeros(64_000_001)))),
        ("high.png", png([1, 64_000_000], [8, 0], &chunk(b"IDAT", &zeros(128_000_000)))),
        ("widest.png", png([65_535, 976], [8, 0], &chunk(b"IDAT", &zeros(65_536 * 976)))),
        ("most.png", png([0x7fff_ffff; 2], [8, 2], &pixels)),
        ("none.png", png([0; 2], [8, 2], &pixels)),
        ("ztxt.png", text(b"zTXt", b"k\0\0")),
        ("itxt.png", text(b"iTXt", b"k\0\x01\0\0\0")),
        ("iccp.png", text(b"iCCP", b"k\0\0")),
        ("text.png", with(b"tEXt", &[b"k\0", &vec![b'x'; 40 << 20][..]].concat())),
        ("exif.png", with(b"eXIf", &[b"MM\0*", &vec![0; 40 << 20][..]].concat())),
        ("chunks.png", png([8, 1], [8, 2], &[chunk(b"tEXt", b"k\0x").repeat(500_000), pixels.clone()].concat())),
        ("canvas.gif", gif([65535; 2], [1; 2], 1, b"")),
        ("square.gif", gif([8000; 2], [1; 2], 1, b"")),
        ("frame.gif", gif([1; 2], [65535; 2], 1, b"")),
        ("frames.gif", gif([8; 2], [1; 2], 1_000_000, b"")),
        ("comments.gif", gif([8; 2], [1; 2], 1, &b"\x21\xfe\x01x\0".repeat(2_000_000))),
        ("canvas.webp", webp(&[canvas(0, 1 << 24), lossless(8)])),
        ("most.webp", webp(&[lossless(16384)])),
        ("square.webp", webp(&[lossless(8000)])),
        ("frames.webp", webp(&[animation, frame.repeat(10_000)])),
        ("chunks.webp", webp(&[canvas(0, 8), riff(b"abcd", b"").repeat(1_000_000)])),
        ("profile.webp", webp(&[canvas(0x20, 8), riff(b"ICCP", &vec![0; 40 << 20]), lossless(8)])),
        ("most.bmp", bmp([i32::MAX; 2], 24, 0, &[0; 100])),
        ("negative.bmp", bmp([-8, 8], 24, 0, &[0; 1000])),
        ("least.bmp", bmp([8, i32::MIN], 24, 0, &[0; 1000])),
        ("run.bmp", bmp([8, 8], 8, 1, &[0xff, 1].repeat(1_000_000))),
        ("nothing.bmp", bmp([8000, 8000], 8, 1, &[0, 1])),
        ("moves.bmp", bmp([8000, 8000], 8, 1, &[0, 2, 0, 0].repeat(2_000_000))),
        ("lines.bmp", bmp([8000, 8000], 4, 2, &[0, 0].repeat(1_000_000))),
        ("scans.jpg", jpeg(8000, b"", 99)),
        ("more_scans.jpg", jpeg(8000, b"", 9_000)),
        ("most_scans.jpg", jpeg(64, b"", 500_000)),
        ("most.jpg", jpeg(65500, b"", 1)),
        ("tables.jpg", jpeg(64, &segment(0xc4, &[&[0x10, 1][..], &[0; 15], &[0xe0]].concat()).repeat(300_000), 1)),
        ("restarts.jpg", jpeg(64, &segment(0xdd, &[0, 1]).repeat(300_000), 1)),
        ("frames.jpg", jpeg(64, &segment(0xc2, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]).repeat(300_000), 1)),
        (
            "profiles.jpg",
            jpeg(64, &segment(0xe2, &[b"ICC_PROFILE\0\x01\xff", &[0; 65000][..]].concat()).repeat(500), 1),
        ),
        ("filled.jpg", jpeg(64, &[0xff; 10 << 20], 1)),
    ]
}

//! Pictures for any path: real JPEGs and PNGs of TMDB's sizes, their looks drawn from the path.

use std::io::Write;
use std::sync::OnceLock;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use jpeg_encoder::{ColorType, Encoder};

use crate::generated::hash::{digest, mix};

const QUALITY: u8 = 50;
/// So many pictures of a size are painted; those of two paths differ in a comment at least.
const LOOKS: usize = 8;

/// The sizes of `/3/configuration`: portrait but for those that only backdrops and stills have.
const SIZES: [(&str, u16, u16); 11] = [
    ("w45", 45, 68),
    ("w92", 92, 138),
    ("w154", 154, 231),
    ("w185", 185, 278),
    ("w342", 342, 513),
    ("w500", 500, 750),
    ("w780", 780, 1170),
    ("original", 1000, 1500),
    ("h632", 421, 632),
    ("w300", 300, 169),
    ("w1280", 1280, 720),
];

/// The pictures painted so far, by size and look: painting takes a hundred times as long as copying.
type Painted = [[OnceLock<Vec<u8>>; LOOKS]; SIZES.len()];
static JPEGS: Painted = [const { [const { OnceLock::new() }; LOOKS] }; SIZES.len()];
static PNGS: Painted = [const { [const { OnceLock::new() }; LOOKS] }; SIZES.len()];

/// A picture as `image.tmdb.org/t/p/{size}{path}` serves one, and its media
/// type: a PNG as wide as logos are for a path that ends so, else a JPEG.
/// `None` for a size TMDB lacks.
pub fn image(size: &str, path: &str) -> Option<(Vec<u8>, &'static str)> {
    let at = SIZES.iter().position(|(name, ..)| *name == size)?;
    let (_, width, height) = SIZES[at];
    // With and without the slash that paths start with.
    let hash = digest(path.trim_start_matches('/').as_bytes()).0;
    let look = usize::try_from(hash % LOOKS as u64).unwrap_or(0);
    let comment = format!("{hash:016x}{:016x}", mix(hash));
    let seed = mix(look as u64);
    if std::path::Path::new(path).extension().is_some_and(|it| it.eq_ignore_ascii_case("png")) {
        let picture = PNGS[at][look].get_or_init(|| png(width, width * 2 / 5, seed));
        let text = chunk(*b"tEXt", format!("Comment\0{comment}").as_bytes());
        return Some((with(picture, PNG_HEAD, &text), "image/png"));
    }
    let picture = JPEGS[at][look].get_or_init(|| jpeg(width, height, seed));
    let length = u16::try_from(comment.len() + 2).unwrap_or(2).to_be_bytes();
    let segment = [&[0xff, 0xfe], &length[..], comment.as_bytes()].concat();
    Some((with(picture, jpeg_head(picture), &segment), "image/jpeg"))
}

/// A picture with something inserted.
fn with(picture: &[u8], at: usize, inserted: &[u8]) -> Vec<u8> {
    let (head, rest) = picture.split_at(at.min(picture.len()));
    [head, inserted, rest].concat()
}

fn jpeg(width: u16, height: u16, seed: u64) -> Vec<u8> {
    let pixels = paint(width, height, seed);
    let mut jpeg = Vec::new();
    // Neither writing to memory nor these sizes fail.
    Encoder::new(&mut jpeg, QUALITY).encode(&pixels, width, height, ColorType::Rgb).ok();
    jpeg
}

/// Where the first segment of a JPEG ends, which has to stay the first.
fn jpeg_head(jpeg: &[u8]) -> usize {
    let length = jpeg.get(4..6).map_or(0, |it| usize::from(u16::from_be_bytes([it[0], it[1]])));
    4 + length
}

/// The signature and the header of a PNG.
const PNG_HEAD: usize = 8 + 25;

fn png(width: u16, height: u16, seed: u64) -> Vec<u8> {
    let pixels = paint(width, height, seed);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for row in pixels.chunks(usize::from(width) * 3) {
        // Each row says how it is filtered: not at all. Writing to memory does not fail.
        packed.write_all(&[0]).and_then(|()| packed.write_all(row)).ok();
    }
    let mut header = [u32::from(width).to_be_bytes(), u32::from(height).to_be_bytes()].concat();
    // Eight bits for each of red, green and blue; not interlaced.
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(*b"IHDR", &header));
    png.extend(chunk(*b"IDAT", &packed.finish().unwrap_or_default()));
    png.extend(chunk(*b"IEND", b""));
    png
}

/// A part of a PNG: its length, its name, what it holds, and their checksum.
fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(data);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[..], &name, data, &sum.sum().to_be_bytes()].concat()
}

/// A gradient from one colour to another, with a pale disc on it.
fn paint(width: u16, height: u16, seed: u64) -> Vec<u8> {
    let (width, height) = (u64::from(width), u64::from(height));
    let bytes = seed.to_le_bytes();
    let (top, bottom) =
        ([bytes[0], bytes[1], bytes[2]], [bytes[3] / 2, bytes[4] / 2, bytes[5] / 2]);
    let radius = width.min(height) * (20 + u64::from(bytes[6] % 20)) / 100;
    let (centre_x, centre_y) = (width * (25 + u64::from(bytes[7] % 50)) / 100, height * 2 / 5);
    let mut pixels = Vec::new();
    for y in 0..height {
        let row = [0, 1, 2].map(|i| blend(top[i], bottom[i], y, height));
        let lit = row.map(|colour| blend(colour, u8::MAX, 1, 3));
        for x in 0..width {
            let inside = x.abs_diff(centre_x).pow(2) + y.abs_diff(centre_y).pow(2) < radius.pow(2);
            pixels.extend_from_slice(if inside { &lit } else { &row });
        }
    }
    pixels
}

/// The colour `part` of `whole` of the way from one to the other.
fn blend(from: u8, to: u8, part: u64, whole: u64) -> u8 {
    let sum = u64::from(from) * (whole - part) + u64::from(to) * part;
    u8::try_from(sum / whole).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads height and width from a JPEG's frame header.
    fn size_of(jpeg: &[u8]) -> (u16, u16) {
        assert_eq!(jpeg[..2], [0xff, 0xd8], "no JPEG");
        let mut at = 2;
        loop {
            assert_eq!(jpeg[at], 0xff, "no marker at {at}");
            let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            if matches!(jpeg[at + 1], 0xc0..=0xc2) {
                let height = u16::from_be_bytes([jpeg[at + 5], jpeg[at + 6]]);
                return (u16::from_be_bytes([jpeg[at + 7], jpeg[at + 8]]), height);
            }
            at += 2 + length;
        }
    }

    #[test]
    fn every_size_of_tmdb_is_a_jpeg_of_that_width() {
        for size in [
            "w45", "w92", "w154", "w185", "w300", "w342", "w500", "w780", "w1280", "h632",
            "original",
        ] {
            let (width, height) = size_of(&image(size, "/a.jpg").unwrap().0);
            match size.split_at(1) {
                ("w", number) => assert_eq!(number.parse(), Ok(width)),
                ("h", number) => assert_eq!(number.parse(), Ok(height)),
                _ => assert!(width >= 1000),
            }
            let is_landscape = matches!(size, "w300" | "w1280");
            assert_eq!(width > height, is_landscape, "{size}");
        }
    }

    #[test]
    fn an_unknown_size_has_no_picture() {
        for size in ["", "w46", "h300", "W500", "original2", "../w500"] {
            assert!(image(size, "/a.jpg").is_none(), "{size}");
        }
    }

    #[test]
    fn a_path_always_has_its_own_picture() {
        assert_eq!(image("w92", "/a.jpg"), image("w92", "/a.jpg"));
        assert_ne!(image("w92", "/a.jpg"), image("w92", "/b.jpg"));
    }

    #[test]
    fn a_png_is_whole_and_as_wide_as_its_size() {
        let (png, media_type) = image("w300", "/logo.png").unwrap();
        assert_eq!(media_type, "image/png");
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        let mut at = 8;
        let mut names = Vec::new();
        let mut packed = Vec::new();
        while at < png.len() {
            let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
            let length = number(at) as usize;
            let mut sum = Crc::new();
            sum.update(&png[at + 4..at + 8 + length]);
            assert_eq!(sum.sum(), number(at + 8 + length));
            let (name, data) = (&png[at + 4..at + 8], &png[at + 8..at + 8 + length]);
            names.push(String::from_utf8_lossy(name).into_owned());
            if name == b"IDAT" {
                packed.extend_from_slice(data);
            }
            at += 12 + length;
        }
        assert_eq!(names, ["IHDR", "tEXt", "IDAT", "IEND"]);
        assert_eq!(png[16..24], [0, 0, 1, 44, 0, 0, 0, 120], "300 by 120");
        let mut pixels = Vec::new();
        let mut unpacked = flate2::read::ZlibDecoder::new(packed.as_slice());
        std::io::Read::read_to_end(&mut unpacked, &mut pixels).unwrap();
        assert_eq!(pixels.len(), 120 * (1 + 3 * 300));
    }

    #[test]
    fn a_path_means_the_same_with_and_without_its_slash() {
        assert_eq!(image("w92", "/a.jpg"), image("w92", "a.jpg"));
    }
}

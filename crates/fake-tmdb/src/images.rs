//! Pictures for any path: real JPEGs of TMDB's sizes, their colours drawn from the path.

use jpeg_encoder::{ColorType, Encoder};

use crate::generated::hash::digest;

const QUALITY: u8 = 50;

/// A picture as `image.tmdb.org/t/p/{size}{path}` serves one: portrait but for
/// the sizes that only backdrops and stills have. `None` for a size TMDB lacks.
pub fn jpeg(size: &str, path: &str) -> Option<Vec<u8>> {
    let (width, height) = dimensions(size)?;
    let pixels = paint(width, height, digest(path.as_bytes()).0);
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY).encode(&pixels, width, height, ColorType::Rgb).ok()?;
    Some(jpeg)
}

/// Width and height of a size of `/3/configuration`.
fn dimensions(size: &str) -> Option<(u16, u16)> {
    let portrait = |width: u16| Some((width, width / 2 * 3));
    match size {
        "w45" => Some((45, 68)),
        "w92" => portrait(92),
        "w154" => portrait(154),
        "w185" => Some((185, 278)),
        "w342" => portrait(342),
        "w500" => portrait(500),
        "w780" => portrait(780),
        "original" => portrait(1000),
        "h632" => Some((421, 632)),
        "w300" => Some((300, 169)),
        "w1280" => Some((1280, 720)),
        _ => None,
    }
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
            let (width, height) = size_of(&jpeg(size, "/a.jpg").unwrap());
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
            assert!(jpeg(size, "/a.jpg").is_none(), "{size}");
        }
    }

    #[test]
    fn a_path_always_has_its_own_picture() {
        assert_eq!(jpeg("w92", "/a.jpg"), jpeg("w92", "/a.jpg"));
        assert_ne!(jpeg("w92", "/a.jpg"), jpeg("w92", "/b.jpg"));
    }
}

//! Whether bytes are an image of a size, by their header and their end.

use std::path::Path;

use domain::images::{ImageKind, ImageSize};
use imagesize::ImageResult;

/// The error says what is wrong.
pub(super) fn bytes(bytes: &[u8], kind: ImageKind, size: ImageSize) -> Result<(), String> {
    if is_svg(bytes) {
        return Ok(());
    }
    fits(imagesize::blob_size(bytes), kind, size)?;
    if has_end(bytes) { Ok(()) } else { Err("it is cut short".to_owned()) }
}

/// Whether it is a whole drawing in SVG, as logos may be.
pub(super) fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_markup = text.starts_with("<svg") || text.starts_with("<?xml") || text.starts_with("<!");
    is_markup && text.contains("<svg") && text.ends_with("</svg>")
}

/// The media type of what passed, by its first bytes.
pub(super) fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xd8, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ if is_svg(bytes) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Whether an image of a format whose end can be told has one. Not every server
/// says how long a body is.
fn has_end(bytes: &[u8]) -> bool {
    // Encoders may write something behind the end, but not much.
    const SLACK: usize = 64;
    let end: &[u8] = match bytes {
        [0xff, 0xd8, ..] => b"\xff\xd9",
        [0x89, b'P', b'N', b'G', ..] => b"IEND",
        _ => return true,
    };
    let tail = &bytes[bytes.len().saturating_sub(SLACK)..];
    tail.windows(end.len()).any(|window| window == end)
}

/// Reads no more of a file than its header; a drawing is read whole.
pub(super) fn file(path: &Path, kind: ImageKind, size: ImageSize) -> Result<(), String> {
    let is_drawing = path.extension().is_some_and(|ending| ending == "svg");
    if is_drawing && std::fs::read(path).is_ok_and(|bytes| is_svg(&bytes)) {
        return Ok(());
    }
    fits(imagesize::size(path), kind, size)
}

fn fits(
    found: ImageResult<imagesize::ImageSize>,
    kind: ImageKind,
    size: ImageSize,
) -> Result<(), String> {
    let found = found.map_err(|error| format!("its header is no image's: {error}"))?;
    let dimension = |pixels: usize| u64::try_from(pixels).unwrap_or(u64::MAX);
    let (width, height) = (dimension(found.width), dimension(found.height));
    // What somebody asks for by its path may be a logo.
    let is_it = match kind {
        ImageKind::Other => size.holds(width, height),
        _ => size.fits(width, height),
    };
    if is_it { Ok(()) } else { Err(format!("it has {width}x{height} pixels, which is not {size}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a PNG of so many pixels.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        png.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
        png
    }

    #[track_caller]
    fn check(content: &[u8], says: Option<&str>) {
        let size = "w185".parse().unwrap();
        let found = bytes(content, ImageKind::Poster, size);
        match says {
            None => assert_eq!(found, Ok(())),
            Some(says) => assert!(found.as_ref().is_err_and(|why| why.contains(says)), "{found:?}"),
        }
    }

    #[test]
    fn only_an_image_of_its_size_passes() {
        check(&png(185, 278), None);
        check(&png(120, 180), None);
        check(&png(500, 750), Some("500x750"));
        check(&png(1, 1), Some("1x1"));
        check(&png(185, 278)[..33], Some("cut short"));
        check(b"<html>not found</html>", Some("no image"));
        check(b"", Some("no image"));
        check(&png(185, 278)[..14], Some("no image"));
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", Some("no image"));
    }
    #[test]
    fn a_logo_may_be_small_or_a_drawing() {
        let size = "w185".parse().unwrap();
        let is_good = |content: &[u8]| bytes(content, ImageKind::Other, size).is_ok();
        assert!(is_good(&png(1, 1)) && !is_good(&png(186, 1)));
        let drawing = b"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"><path d=\"\"/></svg>\n";
        assert!(is_good(drawing) && !is_good(&drawing[..40]));
        assert!(!is_good(b"<!doctype html><p>an <svg></p></html>"));
        assert_eq!(media_type(drawing), "image/svg+xml");
        assert_eq!(media_type(&png(1, 1)), "image/png");
    }
}

//! Whether bytes are an image of a size, by their header and their end.

use std::path::Path;

use domain::images::ImageSize;
use imagesize::ImageResult;

/// The error says what is wrong.
pub(super) fn bytes(bytes: &[u8], size: ImageSize) -> Result<(), String> {
    fits(imagesize::blob_size(bytes), size)?;
    if has_end(bytes) { Ok(()) } else { Err("it is cut short".to_owned()) }
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

/// Reads no more of a file than its header.
pub(super) fn file(path: &Path, size: ImageSize) -> Result<(), String> {
    fits(imagesize::size(path), size)
}

fn fits(found: ImageResult<imagesize::ImageSize>, size: ImageSize) -> Result<(), String> {
    let found = found.map_err(|error| format!("its header is no image's: {error}"))?;
    let dimension = |pixels: usize| u64::try_from(pixels).unwrap_or(u64::MAX);
    if size.fits(dimension(found.width), dimension(found.height)) {
        Ok(())
    } else {
        Err(format!("it has {}x{} pixels, which is not {size}", found.width, found.height))
    }
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
        let found = bytes(content, size);
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
}

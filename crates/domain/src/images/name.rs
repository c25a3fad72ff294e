//! What names an image: TMDB's path and a size.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an image shows.
///
/// The numbers are stored; they never change and are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageKind {
    Poster = 1,
    Backdrop = 2,
    /// A photo of a person.
    Profile = 3,
    /// A further backdrop of a title.
    Still = 4,
    /// Somebody asked for it by its path alone; logos are among these.
    Other = 5,
}

impl ImageKind {
    pub const ALL: [Self; 5] =
        [Self::Poster, Self::Backdrop, Self::Profile, Self::Still, Self::Other];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poster => "poster",
            Self::Backdrop => "backdrop",
            Self::Profile => "profile",
            Self::Still => "still",
            Self::Other => "other",
        }
    }

    /// The number it is stored under.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The inverse of [`ImageKind::number`].
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The sizes that TMDB offers of this kind.
    pub fn sizes(self) -> &'static [&'static str] {
        match self {
            Self::Poster => &["w92", "w154", "w185", "w342", "w500", "w780", "original"],
            Self::Profile => &["w45", "w185", "h632", "original"],
            Self::Backdrop | Self::Still => &["w300", "w780", "w1280", "original"],
            Self::Other => &ImageSize::ALL,
        }
    }
}

impl fmt::Display for ImageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ImageKind {
    type Err = ImageNameError;

    fn from_str(text: &str) -> Result<Self, ImageNameError> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| ImageNameError::Kind(text.to_owned()))
    }
}

/// One of the sizes that TMDB's image server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ImageSize(&'static str);

impl ImageSize {
    const ALL: [&'static str; 11] =
        ["w45", "w92", "w154", "w185", "w300", "w342", "w500", "w780", "w1280", "h632", "original"];

    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// As [`ImageSize::fits`], for a logo, which may be as small as it likes.
    pub fn holds(self, width: u64, height: u64) -> bool {
        let bound = |prefix| self.0.strip_prefix(prefix)?.parse::<u64>().ok();
        let is_within = |pixels: u64, prefix| bound(prefix).is_none_or(|most| pixels <= most);
        width > 0 && height > 0 && is_within(width, 'w') && is_within(height, 'h')
    }

    /// Whether an image of so many pixels can be of this size. A narrower one is
    /// what TMDB has where the original is small; less than half is not it.
    pub fn fits(self, width: u64, height: u64) -> bool {
        let bound = |prefix| self.0.strip_prefix(prefix)?.parse::<u64>().ok();
        match (bound('w'), bound('h')) {
            (Some(wanted), _) => (wanted / 2..=wanted).contains(&width) && height > 0,
            (_, Some(wanted)) => (wanted / 2..=wanted).contains(&height) && width > 0,
            (None, None) => width > 0 && height > 0,
        }
    }
}

impl FromStr for ImageSize {
    type Err = ImageNameError;

    fn from_str(text: &str) -> Result<Self, ImageNameError> {
        let found = Self::ALL.into_iter().find(|size| *size == text);
        found.map(Self).ok_or_else(|| ImageNameError::Size(text.to_owned()))
    }
}

impl fmt::Display for ImageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// TMDB's path of an image, as `/abc.jpg`: safe as a file name and in a URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ImagePath(String);

/// Longer names are none of TMDB's, and no file system's.
const NAME_LIMIT: usize = 120;

impl ImagePath {
    /// With its slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What comes after the dot: `jpg`, `png`, `svg`.
    pub fn ending(&self) -> &str {
        self.0.split_once('.').map_or("", |(_, ending)| ending)
    }

    /// Without its slash.
    pub fn file_name(&self) -> &str {
        self.0.trim_start_matches('/')
    }
}

impl FromStr for ImagePath {
    type Err = ImageNameError;

    fn from_str(text: &str) -> Result<Self, ImageNameError> {
        let is_safe = |part: &str| {
            let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !part.is_empty() && part.bytes().all(safe)
        };
        let name = text.strip_prefix('/').filter(|name| name.len() <= NAME_LIMIT);
        let parts = name.and_then(|name| name.split_once('.'));
        match parts {
            Some((stem, ending)) if is_safe(stem) && is_safe(ending) => Ok(Self(text.to_owned())),
            _ => Err(ImageNameError::Path(text.chars().take(NAME_LIMIT).collect())),
        }
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An image in one size.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ImageName {
    pub size: ImageSize,
    pub path: ImagePath,
}

impl ImageName {
    pub fn new(size: &str, path: &str) -> Result<Self, ImageNameError> {
        Ok(Self { size: size.parse()?, path: path.parse()? })
    }

    /// Where it lies below the images' folder: size, the first two letters, name.
    pub fn place(&self) -> String {
        let name = self.path.file_name();
        let first: String = name.split('.').next().unwrap_or_default().chars().take(2).collect();
        format!("{}/{first:_<2}/{name}", self.size)
    }
}

/// `w500/abc.jpg`, as the image server has it.
impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.size, self.path)
    }
}

/// What is no kind, size or path of TMDB's images.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageNameError {
    #[error("`{0}` is no kind of image: use poster, backdrop, profile or still")]
    Kind(String),
    #[error("`{0}` is no size of TMDB's images, such as w500 or original")]
    Size(String),
    #[error("`{0}` is no path of an image, such as /abc.jpg")]
    Path(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_path(text: &str, is_path: bool) {
        assert_eq!(text.parse::<ImagePath>().is_ok(), is_path, "{text}");
    }

    #[test]
    fn only_a_slash_and_a_safe_name_are_a_path() {
        check_path("/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.jpg", true);
        check_path("/a-b_c.png", true);
        for text in [
            "",
            "/",
            "abc.jpg",
            "/abc",
            "/.jpg",
            "/abc.",
            "/../etc.jpg",
            "//abc.jpg",
            "/a/b.jpg",
            "/a%2fb.jpg",
            "/a b.jpg",
            "/a.b.jpg",
            "/a\\b.jpg",
            "/a?b.jpg",
            "/ä.jpg",
            "/a.jpg\n",
        ] {
            check_path(text, false);
        }
        check_path(&format!("/{}.jpg", "a".repeat(200)), false);
    }

    #[test]
    fn a_place_spreads_names_over_folders() {
        let place = |path| ImageName::new("w500", path).unwrap().place();
        assert_eq!(place("/pB8BM7.jpg"), "w500/pB/pB8BM7.jpg");
        assert_eq!(place("/a.jpg"), "w500/a_/a.jpg");
    }

    #[track_caller]
    fn check_fits(size: &str, width: u64, height: u64, fits: bool) {
        let size: ImageSize = size.parse().unwrap();
        assert_eq!(size.fits(width, height), fits, "{size} {width}x{height}");
    }

    #[test]
    fn an_image_has_the_width_of_its_size() {
        check_fits("w500", 500, 750, true);
        check_fits("w500", 300, 450, true);
        check_fits("w500", 501, 750, false);
        check_fits("w500", 1, 1, false);
        check_fits("w500", 500, 0, false);
        check_fits("h632", 421, 632, true);
        check_fits("h632", 632, 948, false);
        check_fits("original", 3_840, 2_160, true);
        check_fits("original", 0, 0, false);
    }

    #[test]
    fn a_logo_is_no_larger_than_its_size() {
        let holds =
            |size: &str, width, height| size.parse::<ImageSize>().unwrap().holds(width, height);
        assert!(holds("w500", 500, 9_000) && holds("w500", 20, 5) && holds("original", 1, 1));
        assert!(holds("h632", 9_000, 632));
        assert!(!holds("w500", 501, 1) && !holds("h632", 1, 633) && !holds("w500", 0, 5));
    }

    #[test]
    fn every_kind_has_sizes_that_there_are() {
        for kind in ImageKind::ALL {
            assert_eq!(ImageKind::from_number(kind.number()), Some(kind));
            assert_eq!(kind.as_str().parse(), Ok(kind));
            for size in kind.sizes() {
                assert_eq!(size.parse::<ImageSize>().map(ImageSize::as_str), Ok(*size));
            }
        }
        assert!("w501".parse::<ImageSize>().is_err());
    }
}

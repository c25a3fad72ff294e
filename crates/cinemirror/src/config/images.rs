//! Images on disk: `[images]`.

use domain::images::{ImageKind, ImageSize, ImageTerms, ImageWants};
use pipeline::images::{SupplyOptions, SyncOptions};
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::freshness::Terms;
use super::settings::check;

const MIB: usize = 1 << 20;
const GIB: f64 = 1_073_741_824.0;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Images {
    pub enabled: bool,
    pub folder: String,
    pub posters: Vec<String>,
    pub backdrops: Vec<String>,
    pub profiles: Vec<String>,
    pub stills: Vec<String>,
    pub stills_per_title: usize,
    pub min_popularity: f64,
    pub max_gib: f64,
    pub max_image_mib: usize,
    pub requests_per_second: u32,
    pub connections: usize,
    pub tries: u32,
}

impl Default for Images {
    fn default() -> Self {
        let sizes = |sizes: &[&str]| sizes.iter().map(|size| (*size).to_owned()).collect();
        Self {
            enabled: false,
            folder: "images".to_owned(),
            posters: sizes(&["w342", "w500"]),
            backdrops: sizes(&["w780"]),
            profiles: sizes(&["w185"]),
            stills: sizes(&["w300"]),
            stills_per_title: 3,
            min_popularity: 0.0,
            max_gib: 10.0,
            max_image_mib: 16,
            requests_per_second: 20,
            connections: 8,
            tries: 2,
        }
    }
}

impl Images {
    fn kinds(&self) -> [(ImageKind, &'static str, &[String]); 4] {
        [
            (ImageKind::Poster, "images.posters", &self.posters),
            (ImageKind::Backdrop, "images.backdrops", &self.backdrops),
            (ImageKind::Profile, "images.profiles", &self.profiles),
            (ImageKind::Still, "images.stills", &self.stills),
        ]
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (kind, name, sizes) in self.kinds() {
            if let Some(size) = sizes.iter().find(|size| !kind.sizes().contains(&size.as_str())) {
                let known = kind.sizes().join(", ");
                let why = format!("must be sizes that TMDB has ({known}), not {size}");
                return Err(ConfigError::Invalid { name, why });
            }
        }
        check(!self.folder.is_empty(), "images.folder", "must name a folder")?;
        check(self.stills_per_title <= 12, "images.stills_per_title", "must be 12 at most")?;
        check(self.min_popularity >= 0.0, "images.min_popularity", "must not be negative")?;
        let is_cap = self.max_gib > 0.0 && self.max_gib <= 1e6;
        check(is_cap, "images.max_gib", "must be more than 0, and 1000000 at most")?;
        let is_limit = (1..=1_024).contains(&self.max_image_mib);
        check(is_limit, "images.max_image_mib", "must lie between 1 and 1024")?;
        let is_pace = (1..=1_000).contains(&self.requests_per_second);
        check(is_pace, "images.requests_per_second", "must lie between 1 and 1000")?;
        let is_number = (1..=100).contains(&self.connections);
        check(is_number, "images.connections", "must lie between 1 and 100")?;
        check((1..=10).contains(&self.tries), "images.tries", "must lie between 1 and 10")
    }

    pub fn cap_bytes(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be positive and far below what fits"
        )]
        let bytes = (self.max_gib * GIB) as u64;
        bytes
    }

    /// How images are fetched that somebody asks for; a request waits so long.
    pub fn supply(&self, wait: std::time::Duration) -> SupplyOptions {
        SupplyOptions {
            cap_bytes: self.cap_bytes(),
            limit_bytes: self.max_image_mib * MIB,
            requests_per_second: self.requests_per_second,
            connections: self.connections,
            tries: self.tries,
            wait,
            at_once: 256,
        }
    }

    /// What a sync is to do; only these kinds unless there are none.
    pub fn sync(&self, terms: &Terms, kinds: &[ImageKind], limit: Option<u64>) -> SyncOptions {
        const DAY: std::time::Duration = std::time::Duration::from_hours(24);
        let mut sizes: Vec<(ImageKind, ImageSize)> = vec![];
        for (kind, _, names) in self.kinds() {
            if kinds.is_empty() || kinds.contains(&kind) {
                sizes.extend(names.iter().filter_map(|size| Some((kind, size.parse().ok()?))));
            }
        }
        SyncOptions {
            wants: ImageWants {
                sizes,
                stills: self.stills_per_title,
                min_popularity: self.min_popularity,
            },
            terms: ImageTerms {
                refresh_after: DAY * terms.refresh_days,
                keep_for: DAY * terms.purge_days,
                ..ImageTerms::default()
            },
            cap_bytes: self.cap_bytes(),
            limit_bytes: self.max_image_mib * MIB,
            requests_per_second: self.requests_per_second,
            connections: self.connections,
            tries: self.tries,
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(change: impl FnOnce(&mut Images), says: &str) {
        let mut images = Images::default();
        change(&mut images);
        let error = images.check().expect_err("it was taken").to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(Images::default().check().is_ok());
        check_refused(|it| it.posters.push("w300".to_owned()), "images.posters");
        check_refused(|it| it.profiles.push("big".to_owned()), "h632");
        check_refused(|it| it.max_gib = 0.0, "images.max_gib");
        check_refused(|it| it.max_gib = f64::NAN, "images.max_gib");
        check_refused(|it| it.requests_per_second = 0, "images.requests_per_second");
        check_refused(|it| it.folder.clear(), "images.folder");
    }

    #[test]
    fn a_sync_takes_the_kinds_it_is_told() {
        let options = Images::default().sync(&Terms::default(), &[ImageKind::Poster], None);
        let sizes: Vec<_> = options.wants.sizes.iter().map(|(_, size)| size.as_str()).collect();
        assert_eq!(sizes, ["w342", "w500"]);
        assert_eq!(options.cap_bytes, 10 << 30);
        assert_eq!(Images::default().sync(&Terms::default(), &[], None).wants.sizes.len(), 5);
    }
}

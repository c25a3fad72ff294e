//! TMDB's bad days: what goes wrong, for which share of the requests.

use serde::{Deserialize, Serialize};

use crate::generated::hash::{digest, mix};

/// Shares of the API requests, from 0 to 1, that go wrong in each way.
///
/// Which requests are hit depends on the seed and on how many came before,
/// and on nothing else. A request suffers at most one fault, besides latency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    pub latency: Option<Latency>,
    pub error_500: f64,
    pub error_502: f64,
    pub error_503: f64,
    pub error_504: f64,
    /// The connection is reset instead of an answer.
    pub reset: f64,
    /// The connection ends half-way through the body.
    pub truncate: f64,
    pub invalid_json: f64,
    /// An HTML error page with status 200.
    pub html_200: f64,
    /// A TMDB error body with status 200.
    pub error_body_200: f64,
    /// The body trickles in over some 200 ms.
    pub slow_body: f64,
    /// More is promised in `Content-Length` than comes.
    pub wrong_length: f64,
    pub empty_body: f64,
    /// Share of the export downloads with garbage inside.
    pub export_garbage: f64,
    /// Share of the export downloads whose connection ends half-way.
    pub export_cut: f64,
    /// What is wrong with every export file of today.
    pub export_file: Option<ExportFile>,
    /// What everything answers, exports and images too.
    pub outage: Option<Outage>,
    /// Share of the images, by their paths, whose connection ends half-way.
    pub image_cut: f64,
    /// Share of the images that are cut short, with a length that says nothing of it.
    pub image_short: f64,
    /// Share of the images in whose place an HTML page comes with status 200.
    pub image_html: f64,
}

/// A bad file of today, which is the same for all who ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFile {
    /// The first half of the compressed file.
    Short,
    /// Whole, but with 40 of 100 lines.
    FewLines,
    /// Whole, but without any line.
    NoLines,
    /// Not a byte.
    Empty,
    /// Not out yet: 403.
    Missing,
    /// Yesterday's file, byte for byte.
    Yesterday,
}

/// How TMDB is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// Every answer is a 503.
    Unavailable,
    /// Every connection is reset once something is asked.
    Reset,
}

/// What happens to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageFault {
    Cut,
    Short,
    Html,
}

/// A log-normal delay before an answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    pub median_ms: f64,
    pub p95_ms: f64,
}

/// What happens to one API request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Error(u16),
    Reset,
    Truncate,
    InvalidJson,
    Html200,
    ErrorBody200,
    SlowBody,
    WrongLength,
    EmptyBody,
}

/// What happens to one download of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportFault {
    Garbage,
    Cut,
}

impl Faults {
    /// The fate of the `count`th API request.
    pub(crate) fn of_request(&self, seed: u64, count: u64) -> Option<Fault> {
        pick(
            share(seed, count, 1),
            &[
                (self.error_500, Fault::Error(500)),
                (self.error_502, Fault::Error(502)),
                (self.error_503, Fault::Error(503)),
                (self.error_504, Fault::Error(504)),
                (self.reset, Fault::Reset),
                (self.truncate, Fault::Truncate),
                (self.invalid_json, Fault::InvalidJson),
                (self.html_200, Fault::Html200),
                (self.error_body_200, Fault::ErrorBody200),
                (self.slow_body, Fault::SlowBody),
                (self.wrong_length, Fault::WrongLength),
                (self.empty_body, Fault::EmptyBody),
            ],
        )
    }

    /// The fate of the `count`th download of an export.
    pub(crate) fn of_export(&self, seed: u64, count: u64) -> Option<ExportFault> {
        pick(
            share(seed, count, 2),
            &[(self.export_garbage, ExportFault::Garbage), (self.export_cut, ExportFault::Cut)],
        )
    }

    /// The fate of an image, the same each time it is asked for.
    pub(crate) fn of_image(&self, seed: u64, path: &str) -> Option<ImageFault> {
        pick(
            share(seed, digest(path.as_bytes()).0, 5),
            &[
                (self.image_cut, ImageFault::Cut),
                (self.image_short, ImageFault::Short),
                (self.image_html, ImageFault::Html),
            ],
        )
    }
}

impl Latency {
    /// The delay of the `count`th request in milliseconds, at most a minute.
    pub(crate) fn millis(&self, seed: u64, count: u64) -> u64 {
        /// How many standard deviations above the mean the 95th percentile lies.
        const P95: f64 = 1.645;
        let spread = (self.p95_ms / self.median_ms).max(1.0).ln() / P95;
        let radius = (-2.0 * (1.0 - share(seed, count, 3)).ln()).sqrt();
        let deviation = radius * (std::f64::consts::TAU * share(seed, count, 4)).cos();
        let millis = (self.median_ms * (spread * deviation).exp()).clamp(0.0, 60_000.0);
        whole(millis)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller clamps it to a positive range; a fraction of a millisecond is dropped"
)]
fn whole(millis: f64) -> u64 {
    millis as u64
}

fn share(seed: u64, count: u64, salt: u64) -> f64 {
    (mix(mix(seed ^ (salt << 56)) ^ count) >> 11) as f64 / (1_u64 << 53) as f64
}

fn pick<F: Copy>(mut share: f64, faults: &[(f64, F)]) -> Option<F> {
    for &(wanted, fault) in faults {
        if share < wanted {
            return Some(fault);
        }
        share -= wanted.max(0.0);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_requests_are_hit_in_every_run() {
        let faults = Faults { error_502: 0.1, reset: 0.2, ..Faults::default() };
        let fates = |seed| (0..1000).map(|n| faults.of_request(seed, n)).collect::<Vec<_>>();
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        let resets = fates(7).iter().filter(|fate| **fate == Some(Fault::Reset)).count();
        assert!((150..250).contains(&resets), "{resets} resets among 1000, 200 wanted");
    }

    #[test]
    fn latency_has_the_median_and_the_tail_it_was_given() {
        let latency = Latency { median_ms: 60.0, p95_ms: 430.0 };
        let mut delays: Vec<u64> = (0..2000).map(|n| latency.millis(1, n)).collect();
        delays.sort_unstable();
        assert!((50..70).contains(&delays[1000]), "median {}", delays[1000]);
        assert!((350..520).contains(&delays[1900]), "p95 {}", delays[1900]);
    }

    #[test]
    fn an_unknown_fault_is_an_error() {
        assert!(serde_json::from_str::<Faults>(r#"{"resets":1}"#).is_err());
        let faults: Faults = serde_json::from_str(r#"{"reset":1}"#).unwrap();
        assert_eq!(faults.of_request(1, 1), Some(Fault::Reset));
    }
}

//! What a fake TMDB has seen of its clients.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

const SECOND: Duration = Duration::from_secs(1);

/// The figures of `GET /_fake/stats`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Requests of the API, the exports and the images; not of `/_fake/`.
    pub total: u64,
    /// How many answers of each status, by endpoint with its ids replaced
    /// (`movie/{id}`). Status 0 is a reset.
    pub endpoints: BTreeMap<String, BTreeMap<u16, u64>>,
    /// The most API requests that arrived within any one second.
    pub max_in_sliding_second: u64,
    pub max_open_connections: u64,
    pub open_connections: u64,
    /// How many days the universe has moved on.
    pub days: u32,
    /// The last 429 that was ordered, once it was given.
    pub refusal: Option<Refusal>,
}

/// A 429 that was ordered by `POST /_fake/refuse`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What its `Retry-After` said.
    pub seconds: u32,
    /// API requests that arrived before that was over, in milliseconds after it.
    pub arrivals_ms: Vec<u64>,
}

/// The running count behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counter {
    total: u64,
    endpoints: BTreeMap<String, BTreeMap<u16, u64>>,
    arrivals: Sliding,
    allowed: Sliding,
    max_arrivals: usize,
    open: u64,
    max_open: u64,
    /// A 429 to give to the next request, by its `Retry-After`.
    ordered: Option<u32>,
    refused: Option<(Instant, Refusal)>,
}

/// The instants of the last second.
#[derive(Debug, Default)]
struct Sliding(VecDeque<Instant>);

impl Sliding {
    /// How many there were in the second that ends `now`.
    fn count(&mut self, now: Instant) -> usize {
        while self.0.front().is_some_and(|first| now.saturating_duration_since(*first) >= SECOND) {
            self.0.pop_front();
        }
        self.0.len()
    }
}

impl Counter {
    /// Notes the arrival of an API request, and returns whether it is within the limit.
    pub(crate) fn arrive(&mut self, now: Instant, limit: Option<u32>) -> bool {
        self.arrivals.0.push_back(now);
        self.max_arrivals = self.max_arrivals.max(self.arrivals.count(now));
        if let Some((since, refusal)) = &mut self.refused {
            let after = now.saturating_duration_since(*since);
            if after < Duration::from_secs(refusal.seconds.into()) {
                refusal.arrivals_ms.push(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
            }
        }
        let within = limit.is_none_or(|limit| self.allowed.count(now) < limit as usize);
        if within && limit.is_some() {
            self.allowed.0.push_back(now);
        }
        within
    }

    /// Orders a 429 for the next request.
    pub(crate) fn order(&mut self, seconds: u32) {
        self.ordered = Some(seconds);
    }

    /// The seconds of a 429 that was ordered, once.
    pub(crate) fn refuse(&mut self, now: Instant) -> Option<u32> {
        let seconds = self.ordered.take()?;
        self.refused = Some((now, Refusal { seconds, arrivals_ms: vec![] }));
        Some(seconds)
    }

    pub(crate) fn answer(&mut self, endpoint: &str, status: u16) {
        self.total += 1;
        if !self.endpoints.contains_key(endpoint) {
            self.endpoints.insert(endpoint.to_owned(), BTreeMap::new());
        }
        if let Some(statuses) = self.endpoints.get_mut(endpoint) {
            *statuses.entry(status).or_default() += 1;
        }
    }

    /// Notes a new connection, and returns how many are open with it.
    pub(crate) fn open(&mut self) -> u64 {
        self.open += 1;
        self.max_open = self.max_open.max(self.open);
        self.open
    }

    pub(crate) fn close(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// Forgets all but what is open and what still counts against the limit.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            allowed: std::mem::take(&mut self.allowed),
            open: self.open,
            max_open: self.open,
            ..Self::default()
        };
    }

    pub(crate) fn stats(&self, days: u32) -> Stats {
        Stats {
            total: self.total,
            endpoints: self.endpoints.clone(),
            max_in_sliding_second: self.max_arrivals as u64,
            max_open_connections: self.max_open,
            open_connections: self.open,
            days,
            refusal: self.refused.as_ref().map(|(_, refusal)| refusal.clone()),
        }
    }
}

/// The path with its ids replaced, so that equal questions count together.
pub(crate) fn endpoint(path: &str) -> String {
    let id = |segment: &str| {
        let digits = segment.bytes().filter(u8::is_ascii_digit).count();
        let hex = segment.len() >= 20 && segment.bytes().all(|byte| byte.is_ascii_hexdigit());
        let external = digits >= 3 && segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
        digits > 0 && (digits == segment.len() || hex || external)
    };
    let mut name = String::with_capacity(path.len().min(200));
    for segment in path.split('/').filter(|segment| !segment.is_empty()).take(10) {
        if !name.is_empty() {
            name.push('/');
        }
        name.push_str(if id(segment) { "{id}" } else { segment });
    }
    if let Some((cut, _)) = name.char_indices().nth(80) {
        name.truncate(cut);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arrivals_ms: &[u64], most: u64) {
        let start = Instant::now();
        let mut counter = Counter::default();
        for ms in arrivals_ms {
            counter.arrive(start + Duration::from_millis(*ms), None);
        }
        assert_eq!(counter.stats(0).max_in_sliding_second, most, "{arrivals_ms:?}");
    }

    #[test]
    fn a_second_slides_over_the_arrivals() {
        check(&[], 0);
        check(&[0, 0, 0], 3);
        check(&[0, 999, 1000], 2);
        check(&[0, 500, 999, 1100, 1499, 1500, 2400], 4);
    }

    #[test]
    fn what_is_above_the_limit_is_refused_until_the_second_has_passed() {
        let start = Instant::now();
        let mut counter = Counter::default();
        let mut arrive = |ms| counter.arrive(start + Duration::from_millis(ms), Some(2));
        let within = [0, 10, 20, 999, 1000, 1005, 1010].map(&mut arrive);
        assert_eq!(within, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn an_ordered_429_is_given_once_and_what_comes_too_early_is_noted() {
        let start = Instant::now();
        let mut counter = Counter::default();
        counter.order(5);
        assert_eq!(counter.refuse(start), Some(5));
        assert_eq!(counter.refuse(start), None);
        for ms in [3, 4_999, 5_000, 6_000] {
            counter.arrive(start + Duration::from_millis(ms), None);
        }
        let refusal = counter.stats(0).refusal.unwrap();
        assert_eq!((refusal.seconds, refusal.arrivals_ms), (5, vec![3, 4_999]));
    }

    #[test]
    fn ids_are_replaced_in_endpoints() {
        for (path, name) in [
            ("movie/550", "movie/{id}"),
            ("tv/1396/season/1/episode/2", "tv/{id}/season/{id}/episode/{id}"),
            ("find/tt0088247", "find/{id}"),
            ("review/5010553819c2952d1b000451", "review/{id}"),
            ("movie/popular", "movie/popular"),
            ("trending/all/day", "trending/all/day"),
        ] {
            assert_eq!(endpoint(path), name);
        }
    }
}

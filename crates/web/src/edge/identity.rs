//! A name for each request, to find it again in logs.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderValue};
use domain::Timestamp;

use super::REQUEST_ID;

/// A longer one fills logs.
const LONGEST: usize = 64;

/// Gives names that no other request of this process has.
#[derive(Debug)]
pub(super) struct Identities {
    start: u64,
    next: AtomicU64,
}

impl Identities {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { start: now.as_millis().unsigned_abs(), next: AtomicU64::new(0) }
    }

    /// The client's own, where it is one that can stand in a log, else a new one.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        let given = headers.get(REQUEST_ID).filter(|given| is_sane(given.as_bytes()));
        given.cloned().unwrap_or_else(|| self.made())
    }

    fn made(&self) -> HeaderValue {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:x}-{number:x}", self.start);
        HeaderValue::try_from(name).expect("hex and a dash")
    }
}

fn is_sane(name: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    !name.is_empty() && name.len() <= LONGEST && name.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_name_is_taken_and_another_made() {
        let identities = Identities::new(Timestamp::from_millis(0x10));
        let named = |name: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(name).unwrap());
            identities.of(&headers)
        };
        assert_eq!(named("f3a1-77"), "f3a1-77");
        assert_eq!(named("two words"), "10-0");
        assert_eq!(named(&"x".repeat(65)), "10-1");
        assert_eq!(identities.of(&HeaderMap::new()), "10-2");
    }
}

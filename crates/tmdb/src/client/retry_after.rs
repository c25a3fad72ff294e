//! How long TMDB asks to wait.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// No wait longer than this is believed.
const LONGEST: Duration = Duration::from_hours(24);

/// Reads `Retry-After` as seconds, or as a date by the server's own clock: the
/// `Date` of the same response. A date without it says nothing.
pub(crate) fn of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let wait = instant(headers, RETRY_AFTER)?.duration_since(instant(headers, DATE)?);
    // A date that has passed asks for no wait.
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO).min(LONGEST))
}

/// The server's clock when it answered.
pub(crate) fn date(headers: &HeaderMap) -> Option<domain::Timestamp> {
    instant(headers, DATE).map(domain::Timestamp::from)
}

fn instant(headers: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    let text = headers.get(name)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(retry_after: &'static str, date: Option<&'static str>, seconds: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        assert_eq!(of(&headers), seconds.map(Duration::from_secs), "{retry_after}");
    }

    const DATE_HEADER: Option<&str> = Some("Sat, 21 Nov 2026 07:28:00 GMT");

    #[test]
    fn seconds_are_taken_as_they_are_within_a_day() {
        check("7", None, Some(7));
        check(" 0 ", DATE_HEADER, Some(0));
        check("99999999999999999999999", None, Some(86_400));
    }

    #[test]
    fn a_date_counts_from_the_date_of_the_response() {
        check("Sat, 21 Nov 2026 07:28:30 GMT", DATE_HEADER, Some(30));
        check("Sat, 21 Nov 2026 07:27:00 GMT", DATE_HEADER, Some(0));
        check("Sat, 21 Nov 2026 07:28:30 GMT", None, None);
        check("Sat, 21 Nov 2026 07:28:30 GMT", Some("yesterday"), None);
    }

    #[test]
    fn what_is_neither_says_nothing() {
        for text in ["", "-5", "soon", "1.5"] {
            check(text, DATE_HEADER, None);
        }
        assert_eq!(of(&HeaderMap::new()), None);
    }
}

//! Which part of a body a `Range` asks for.

use std::ops::Range;

/// What to send.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it: nothing else was asked for in a form that is understood.
    Whole,
    Some(Range<usize>),
    /// Nothing there is of it.
    Beyond,
}

/// Reads one range of bytes; several at once are not given.
pub(super) fn part(range: &str, length: usize) -> Part {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|it| it.split_once('-')) else {
        return Part::Whole;
    };
    let part = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(first), Err(_)) if last.is_empty() => first..length,
        (Err(_), Ok(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return Part::Whole,
    };
    if part.is_empty() { Part::Beyond } else { Part::Some(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, expected: &Part) {
        assert_eq!(part(range, 10), *expected, "{range}");
    }

    #[test]
    fn one_range_is_understood() {
        check("bytes=0-3", &Part::Some(0..4));
        check("bytes=4-", &Part::Some(4..10));
        check("bytes=-3", &Part::Some(7..10));
        check("bytes=-99", &Part::Some(0..10));
        check("bytes=5-99999999999", &Part::Some(5..10));
        check("bytes=10-", &Part::Beyond);
        check("bytes=12-14", &Part::Beyond);
        check("bytes=-0", &Part::Beyond);
        for range in ["bytes=0-1,3-4", "bytes=3-1", "lines=1-2", "bytes=", "bytes=-", "x"] {
            check(range, &Part::Whole);
        }
    }
}

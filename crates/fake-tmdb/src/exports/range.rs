//! `Range` headers.

/// What a range asks of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Several ranges or an unreadable one: the header is ignored.
    Whole,
    /// Lies behind the end.
    Nothing,
    /// The first and the last byte.
    Part(u64, u64),
}

pub(super) fn parse(header: &str, size: u64) -> Wanted {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Wanted::Whole;
    };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => part(first, last, size),
        (Ok(first), Err(_)) if last.is_empty() => part(first, u64::MAX, size),
        (Err(_), Ok(0)) if first.is_empty() => Wanted::Nothing,
        (Err(_), Ok(count)) if first.is_empty() => part(size.saturating_sub(count), u64::MAX, size),
        _ => Wanted::Whole,
    }
}

fn part(first: u64, last: u64, size: u64) -> Wanted {
    if first < size { Wanted::Part(first, last.min(size - 1)) } else { Wanted::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        assert_eq!(parse("bytes=0-9", 100), Wanted::Part(0, 9));
        assert_eq!(parse("bytes=90-", 100), Wanted::Part(90, 99));
        assert_eq!(parse("bytes=-5", 100), Wanted::Part(95, 99));
        assert_eq!(parse("bytes=-500", 100), Wanted::Part(0, 99));
        assert_eq!(parse("bytes=50-500", 100), Wanted::Part(50, 99));
        assert_eq!(parse("bytes=100-", 100), Wanted::Nothing);
        assert_eq!(parse("bytes=-0", 100), Wanted::Nothing);
        assert_eq!(parse("bytes=0-", 0), Wanted::Nothing);
    }

    #[test]
    fn unreadable_ranges_are_ignored() {
        for header in ["", "bytes=", "bytes=-", "lines=0-1", "bytes=5-2", "bytes=0-1,3-4"] {
            assert_eq!(parse(header, 100), Wanted::Whole, "{header}");
        }
    }
}

//! Dates and instants as integers.

use super::Unpacked;

/// 9999-12-31, counted from 0001-01-01.
const MAX_DAY: u64 = 3_652_058;
const DAY_MILLIS: u64 = 86_400_000;
/// The days of 400 years, after which the calendar begins anew.
const CYCLE: u64 = 146_097;

/// Packs `YYYY-MM-DD` as days since 0001-01-01.
pub(crate) fn date_from_text(text: &str) -> Option<u64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]: [u8; 10] = text.as_bytes().try_into().ok()?
    else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    Some(days_before_year(year) + days_before_month(year, month) + day - 1)
}

/// Returns the text of a packed date.
pub(crate) fn date_to_text(days: u64) -> Option<Unpacked<'static>> {
    Some(Unpacked::of(&[&date_digits(days)?]))
}

/// How TMDB writes instants; the low two bits of a packed one.
#[derive(Clone, Copy)]
enum Style {
    /// `1993-07-08T00:00:00.000Z`, counted in days.
    Midnight = 0,
    /// `1993-07-08T12:34:56.789Z`, counted in milliseconds.
    Millis = 1,
    /// `2024-12-24 09:57:34 UTC`, counted in seconds.
    Utc = 2,
    /// `2024-12-24T09:57:34Z`, counted in seconds.
    Seconds = 3,
}

/// Packs an instant in one of TMDB's styles.
pub(crate) fn time_from_text(text: &str) -> Option<u64> {
    let (date, rest) = text.split_at_checked(10)?;
    let days = date_from_text(date)?;
    let (separator, rest) = rest.split_at_checked(1)?;
    let (clock, zone) = rest.split_at_checked(8)?;
    let seconds = days * 86_400 + clock_seconds(clock)?;
    let (count, style) = match (separator, zone) {
        (" ", " UTC") => (seconds, Style::Utc),
        ("T", "Z") => (seconds, Style::Seconds),
        ("T", zone) => {
            let millis = zone.strip_prefix('.')?.strip_suffix('Z')?;
            let millis: &[u8; 3] = millis.as_bytes().try_into().ok()?;
            let total = seconds * 1000 + number(millis)?;
            let midnight = total % DAY_MILLIS == 0;
            if midnight { (days, Style::Midnight) } else { (total, Style::Millis) }
        }
        _ => return None,
    };
    Some(count << 2 | style as u64)
}

/// Returns the text of a packed instant.
pub(crate) fn time_to_text(packed: u64) -> Option<Unpacked<'static>> {
    let count = packed >> 2;
    let (style, millis) = match packed & 3 {
        0 => (Style::Midnight, count.checked_mul(DAY_MILLIS)?),
        1 => (Style::Millis, count),
        2 => (Style::Utc, count.checked_mul(1000)?),
        _ => (Style::Seconds, count.checked_mul(1000)?),
    };
    let date = date_digits(millis / DAY_MILLIS)?;
    let seconds = millis / 1000 % 86_400;
    let [h, m, s] = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(two_digits);
    let clock = [h[0], h[1], b':', m[0], m[1], b':', s[0], s[1]];
    Some(match style {
        Style::Midnight | Style::Millis => {
            let millis = millis % 1000;
            let [tens, ones] = two_digits(millis % 100);
            let millis = [b'.', two_digits(millis / 100)[1], tens, ones, b'Z'];
            Unpacked::of(&[&date, b"T", &clock, &millis])
        }
        Style::Utc => Unpacked::of(&[&date, b" ", &clock, b" UTC"]),
        Style::Seconds => Unpacked::of(&[&date, b"T", &clock, b"Z"]),
    })
}

/// `1993-07-08`, by years that begin with March, so that leap days come last.
fn date_digits(days: u64) -> Option<[u8; 10]> {
    if days > MAX_DAY {
        return None;
    }
    let days = days + days_before_year(1) + 306;
    let (cycle, of_cycle) = (days / CYCLE, days % CYCLE);
    let past = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (past * 365 + past / 4 - past / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let (month, next) = if from_march < 10 { (from_march + 3, 0) } else { (from_march - 9, 1) };
    let year = cycle * 400 + past + next;
    let [c, y, m, d] = [year / 100, year % 100, month, day].map(two_digits);
    Some([c[0], c[1], y[0], y[1], b'-', m[0], m[1], b'-', d[0], d[1]])
}

/// Of a number below 100.
fn two_digits(number: u64) -> [u8; 2] {
    [number / 10 % 10, number % 10].map(|digit| b'0' + digit.to_le_bytes()[0])
}

fn clock_seconds(clock: &str) -> Option<u64> {
    let [h1, h2, b':', m1, m2, b':', s1, s2]: [u8; 8] = clock.as_bytes().try_into().ok()? else {
        return None;
    };
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0'))
    })
}

fn days_before_year(year: u64) -> u64 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

fn days_before_month(year: u64, month: u64) -> u64 {
    (1..month).map(|month| days_in(year, month)).sum()
}

fn days_in(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 31,
    }
}

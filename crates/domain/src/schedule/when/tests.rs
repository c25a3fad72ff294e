//! Slots around the changes of the clock, and what is refused.

use super::*;

const LOS_ANGELES: &str = "America/Los_Angeles";
const BERLIN: &str = "Europe/Berlin";

fn at(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// The slots after an instant, forward and, from the last of them, back again.
#[track_caller]
fn check(cron: &str, zone: &str, from: &str, slots: &[&str]) {
    let when = When::parse(cron, zone).unwrap();
    let mut found = vec![];
    let mut instant = at(from);
    for _ in slots {
        instant = when.after(instant).unwrap();
        found.push(instant.to_string());
    }
    assert_eq!(found, slots, "forward");
    let mut back = vec![];
    for _ in slots {
        let latest = when.latest(instant).unwrap();
        assert_eq!(latest, instant, "a slot is its own latest");
        back.push(latest.to_string());
        instant = when.latest(instant - std::time::Duration::from_millis(1)).unwrap();
    }
    back.reverse();
    assert_eq!(back, slots, "backward");
    assert!(instant <= at(from), "a slot more lies between, at {instant}");
}

/// The latest slot at or before an instant.
#[track_caller]
fn check_latest(cron: &str, zone: &str, now: &str, slot: &str) {
    let latest = When::parse(cron, zone).unwrap().latest(at(now)).unwrap();
    assert_eq!(latest.to_string(), slot);
}

#[test]
fn slots_follow_the_clock_on_the_wall() {
    check(
        "0 3 * * *",
        LOS_ANGELES,
        "2026-03-06T12:00:00Z",
        &[
            "2026-03-07T11:00:00Z",
            // Summer time since 02:00.
            "2026-03-08T10:00:00Z",
            "2026-03-09T10:00:00Z",
        ],
    );
    check(
        "0 2 * * SUN",
        "UTC",
        "2026-11-21T17:00:00Z",
        &["2026-11-22T02:00:00Z", "2026-11-29T02:00:00Z"],
    );
}

#[test]
fn a_slot_in_the_gap_comes_once_right_after_it() {
    // 02:30 does not exist: the clock goes from 01:59:59 to 03:00.
    check(
        "30 2 * * *",
        LOS_ANGELES,
        "2026-03-07T12:00:00Z",
        &["2026-03-08T10:00:00Z", "2026-03-09T09:30:00Z"],
    );
    check(
        "30 2 * * *",
        BERLIN,
        "2026-03-28T12:00:00Z",
        &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
    );
}

#[test]
fn slots_that_fall_into_the_gap_together_are_one() {
    check(
        "*/20 * * * *",
        LOS_ANGELES,
        "2026-03-08T09:30:00Z",
        &["2026-03-08T09:40:00Z", "2026-03-08T10:00:00Z", "2026-03-08T10:20:00Z"],
    );
    check(
        "*/20 * * * *",
        BERLIN,
        "2026-03-29T00:30:00Z",
        &["2026-03-29T00:40:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z"],
    );
}

#[test]
fn an_hour_that_comes_twice_has_its_slots_once() {
    check(
        "30 1 * * *",
        LOS_ANGELES,
        "2026-10-31T12:00:00Z",
        &["2026-11-01T08:30:00Z", "2026-11-02T09:30:00Z"],
    );
    check(
        "30 2 * * *",
        BERLIN,
        "2026-10-24T12:00:00Z",
        &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
    );
    // The next of the clock on the wall is 03:00, more than an hour later.
    check(
        "*/30 * * * *",
        BERLIN,
        "2026-10-24T23:45:00Z",
        &["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"],
    );
}

#[test]
fn within_the_second_pass_the_hour_is_over() {
    for (now, slot) in [
        ("2026-10-25T00:10:00Z", "2026-10-25T00:00:00Z"),
        ("2026-10-25T01:10:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T01:59:59Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"),
    ] {
        check_latest("*/30 * * * *", BERLIN, now, slot);
    }
    check_latest("30 1 * * *", LOS_ANGELES, "2026-11-01T09:45:00Z", "2026-11-01T08:30:00Z");
}

#[test]
fn within_the_gap_there_is_nothing() {
    check_latest("30 2 * * *", BERLIN, "2026-03-29T00:59:59Z", "2026-03-28T01:30:00Z");
    check_latest("30 2 * * *", BERLIN, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z");
}

#[test]
fn seconds_may_be_given() {
    check(
        "*/2 * * * * *",
        "UTC",
        "2026-11-21T17:00:00.500Z",
        &["2026-11-21T17:00:02Z", "2026-11-21T17:00:04Z"],
    );
}

#[test]
fn a_leap_day_comes_every_four_years() {
    check(
        "0 0 29 2 *",
        "UTC",
        "2097-01-01T00:00:00Z",
        &["2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"],
    );
}

#[track_caller]
fn check_refused(cron: &str, zone: &str, says: &str) {
    let error = When::parse(cron, zone).unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    check_refused("every day", "UTC", "`every day` is no cron expression");
    check_refused("61 * * * *", "UTC", "`61 * * * *` is no cron expression");
    check_refused("", "UTC", "no cron expression");
    check_refused("0 0 30 2 *", "UTC", "never comes true");
    check_refused("0 3 * * *", "Europe/Berln", "unknown time zone `Europe/Berln`");
    check_refused("0 3 * * *", "", "unknown time zone");
}

#[test]
fn it_is_shown_as_it_was_given() {
    let when = When::parse(" 0  3 * * * ", "america/los_angeles").unwrap();
    assert_eq!(when.to_string(), "0 3 * * * America/Los_Angeles");
    assert_eq!(when.local(at("2026-11-21T11:00:00Z")), "2026-11-21 03:00 PST");
}

//! Which of several recordings of one path answers a request.

use super::index::Recording;
use super::members::Members;
use super::request::Distance;
use crate::universe::Query;

/// The recording nearest to the query, of the day's era. One that says "not
/// found" can win; the thing is gone then.
pub(super) fn nearest<'r, D: Ord>(
    recordings: impl Iterator<Item = &'r Recording> + Clone,
    day: u32,
    distance: impl Fn(&Recording) -> D,
) -> Option<&'r Recording> {
    let least = recordings.clone().map(&distance).min()?;
    let mut nearest = recordings.filter(|recording| distance(recording) == least);
    // The oldest era stands first.
    let chosen = if day == 0 { nearest.next() } else { nearest.last() };
    chosen.filter(|recording| !recording.gone)
}

/// The recording whose bare detail answers best.
pub(super) fn detail<'r>(
    recordings: &'r [Recording],
    query: &Query,
    day: u32,
) -> Option<&'r Recording> {
    nearest(recordings.iter(), day, |recording| {
        let distance = Distance::between(&recording.query, query);
        (distance.language, recording.appended().len(), distance.others, distance.shades)
    })
}

/// The recording that was asked with exactly these appends and this query.
pub(super) fn composed<'r>(
    recordings: &'r [Recording],
    parts: &[&str],
    query: &Query,
    day: u32,
) -> Option<&'r Recording> {
    let same = recordings.iter().filter(|recording| {
        let mut appended = recording.appended();
        let mut wanted = parts.to_vec();
        appended.sort_unstable();
        wanted.sort_unstable();
        wanted.dedup();
        appended == wanted && Distance::between(&recording.query, query) == Distance::default()
    });
    nearest(same, day, |_| ())
}

/// The recording that appended a part.
pub(super) fn appending<'r>(
    recordings: &'r [Recording],
    part: &str,
    query: &Query,
    day: u32,
) -> Option<&'r Recording> {
    let holding = recordings.iter().filter(|recording| {
        !recording.gone
            && recording.appended().contains(&part)
            && Members::read(&recording.body).is_some_and(|members| members.get(part).is_some())
    });
    nearest(holding, day, |recording| Distance::between(&recording.query, query))
}

/// The recording of a path's page; `exact` refuses another search or filter.
pub(super) fn page<'r>(
    recordings: &'r [Recording],
    (page, exact): (u32, bool),
    query: &Query,
    day: u32,
) -> Option<&'r Recording> {
    let distance = |recording: &Recording| Distance::between(&recording.query, query);
    let fitting = recordings.iter().filter(|recording| {
        recording.page() == page && (!exact || distance(recording).others == 0)
    });
    nearest(fitting, day, distance)
}

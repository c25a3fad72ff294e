//! The daily id exports (`FACTS.md` section 8): dated, compressed, resumable.

mod bad;
mod file;
mod range;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use domain::sighting::Export;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use hyper::{Response, StatusCode};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::faults::{ExportFault, ExportFile};
use crate::payload::Payload;
use crate::server::{State, render};
use file::File;
use range::Wanted;

/// TMDB keeps its exports for three months.
const KEPT_DAYS: i64 = 90;
/// The most files that are held in memory.
const HELD: usize = 12;

/// The export files that have been asked for, newest last.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Vec<Arc<File>>>);

impl Shelf {
    /// The file of an export on a day; it is written while it is read.
    fn take(&self, state: &State, export: Export, day: u32) -> Arc<File> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = files.iter().position(|file| file.is(export, day)) {
            let file = files.remove(at);
            files.push(Arc::clone(&file));
            return file;
        }
        let file = File::write(Arc::clone(&state.universe), export, day);
        if files.len() >= HELD {
            files.remove(0);
        }
        files.push(Arc::clone(&file));
        file
    }
}

/// Answers a request for a file below `/p/exports/`.
pub(crate) async fn answer(state: &State, name: &str, headers: &HeaderMap) -> Response<Payload> {
    let today = state.today();
    let Some((export, date)) = parse(name).filter(|(_, date)| is_kept(*date, today)) else {
        return denied();
    };
    let bad = state.faults().export_file.filter(|_| date == today);
    if bad == Some(ExportFile::Missing) || (date == today && !state.is_export_ready()) {
        return denied();
    }
    // Before the first day the universe was as on the first day.
    let day = u32::try_from(state.day_of(date).max(0)).unwrap_or(0);
    let is_late = bad == Some(ExportFile::Yesterday);
    let file = state.exports.take(state, export, if is_late { day.saturating_sub(1) } else { day });
    let modified = modified(date);
    let fault = state.faults().of_export(state.seed, state.next_download());
    let mut response = if let Some(bad) = bad.filter(|_| !is_late) {
        let bytes = bad::spoiled(file.whole().await, bad).await;
        let mut response = Response::new(Payload::from(Bytes::copy_from_slice(&bytes)));
        response.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
        response
    } else if let Some(fault) = fault {
        let pieces = file.whole().await;
        spoil(pieces, fault)
    } else {
        serve(&file, headers, &modified).await
    };
    render::set(&mut response, CONTENT_TYPE, "application/gzip");
    render::set(&mut response, ACCEPT_RANGES, "bytes");
    let etag = match bad {
        Some(bad) if !is_late => format!("\"{}-{bad:?}\"", file.etag().trim_matches('"')),
        _ => file.etag().to_owned(),
    };
    render::set(&mut response, ETAG, &etag);
    render::set(&mut response, LAST_MODIFIED, &modified);
    response
}

async fn serve(file: &Arc<File>, headers: &HeaderMap, modified: &str) -> Response<Payload> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_current = header(IF_RANGE).is_none_or(|tag| tag == file.etag() || tag == modified);
    let range = header(RANGE).filter(|_| is_current);
    let Some(range) = range else {
        let mut response = Response::new(file.read(0, u64::MAX));
        if let Some(size) = file.size_if_written() {
            response.headers_mut().insert(CONTENT_LENGTH, size.into());
        }
        return response;
    };
    let size = file.whole().await.iter().map(|piece| piece.len() as u64).sum();
    match range::parse(range, size) {
        Wanted::Whole => Response::new(file.read(0, size)),
        Wanted::Nothing => {
            let mut response = render::empty(416);
            render::set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
            response
        }
        Wanted::Part(first, last) => {
            let mut response = Response::new(file.read(first, last + 1));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let part = format!("bytes {first}-{last}/{size}");
            render::set(&mut response, CONTENT_RANGE, &part);
            response.headers_mut().insert(CONTENT_LENGTH, (last + 1 - first).into());
            response
        }
    }
}

fn spoil(mut pieces: Vec<Bytes>, fault: ExportFault) -> Response<Payload> {
    let size: usize = pieces.iter().map(Bytes::len).sum();
    let payload = match fault {
        ExportFault::Cut => {
            let mut left = size / 2;
            for piece in &mut pieces {
                piece.truncate(left);
                left -= piece.len();
            }
            Payload::broken(pieces)
        }
        ExportFault::Garbage => {
            let middle = pieces.len() / 2;
            if let Some(piece) = pieces.get_mut(middle) {
                let mut bytes = piece.to_vec();
                let at = bytes.len() / 2;
                bytes[at..].iter_mut().take(64).for_each(|byte| *byte ^= 0xa5);
                *piece = bytes.into();
            }
            Payload::pieces(futures_util::stream::iter(pieces.into_iter().map(Ok)))
        }
    };
    let mut response = Response::new(payload);
    response.headers_mut().insert(CONTENT_LENGTH, size.into());
    response
}

/// Reads `movie_ids_11_20_2026.json.gz`.
fn parse(name: &str) -> Option<(Export, Date)> {
    let stem = name.strip_suffix(".json.gz")?;
    let (kind, date) = stem.split_once("_ids_")?;
    let export = Export::ALL.into_iter().find(|export| export.file_type() == kind)?;
    let mut numbers = date.split('_').map(str::parse::<i16>);
    let (month, day, year) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    (numbers.next().is_none() && date.strftime("%m_%d_%Y").to_string() == stem[kind.len() + 5..])
        .then_some((export, date))
}

fn is_kept(date: Date, today: Date) -> bool {
    (today.saturating_sub(KEPT_DAYS.days())..=today).contains(&date)
}

/// TMDB's job writes its files at about that time.
fn modified(date: Date) -> String {
    date.at(7, 19, 28, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or_else(|_| String::new(), |written| render::http_date(written.timestamp()))
}

/// What the object store behind the exports says of a file it lacks.
fn denied() -> Response<Payload> {
    let mut response = render::plain(
        403,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    );
    render::set(&mut response, CONTENT_TYPE, "application/xml");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_type_and_date() {
        let date = jiff::civil::date(2026, 11, 5);
        assert_eq!(parse("movie_ids_11_05_2026.json.gz"), Some((Export::Movie, date)));
        assert_eq!(parse("tv_network_ids_11_05_2026.json.gz"), Some((Export::Network, date)));
        for name in [
            "",
            "movie_ids_11_5_2026.json.gz",
            "movie_ids_13_05_2026.json.gz",
            "movie_ids_11_05_2026_1.json.gz",
            "season_ids_11_05_2026.json.gz",
            "movie_ids_+1_05_2026.json.gz",
            "../movie_ids_11_05_2026.json.gz",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn exports_are_kept_for_three_months() {
        let today = jiff::civil::date(2026, 11, 20);
        assert!(is_kept(today, today));
        assert!(is_kept(jiff::civil::date(2026, 8, 22), today));
        assert!(!is_kept(jiff::civil::date(2026, 8, 21), today));
        assert!(!is_kept(jiff::civil::date(2026, 11, 21), today));
    }
}

//! Exports over real connections: whole, broken, changed and damaged.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::*;
use crate::stub::{Reply, Stub, response};

const DATE: Date = Date::constant(2026, 8, 31);
const FILE: &str = "movie_ids_08_31_2026.json.gz";

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(vec![], Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// Lines that barely compress, so that the file has some size.
fn lines(count: u64) -> String {
    let line = |id: u64| {
        let noise = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!(
            "{{\"adult\":false,\"id\":{id},\"original_title\":\"{noise:x}\",\"popularity\":0.5}}\n"
        )
    };
    (1..=count).map(line).collect()
}

/// Reads an export, and returns the ids that came out of it.
async fn read(stub: &Stub) -> (Result<ExportSummary, ExportError>, Vec<u64>) {
    let (sink, mut sightings) = mpsc::channel::<Vec<Sighting>>(2);
    let client = stub.client();
    let collect = async {
        let mut ids = vec![];
        while let Some(batch) = sightings.recv().await {
            ids.extend(batch.iter().map(|sighting| sighting.key.id()));
        }
        ids
    };
    tokio::join!(client.read_export(Export::Movie, DATE, sink), collect)
}

async fn read_bytes(file: &[u8]) -> (Result<ExportSummary, ExportError>, Vec<u64>) {
    read(&Stub::always(Reply::Bytes(response("200 OK", "", file))).await).await
}

/// Answers as file hosts do, in pieces of `step` bytes, each broken off.
fn in_pieces(
    file: Vec<u8>,
    step: usize,
    etag: fn(usize) -> &'static str,
) -> impl Fn(usize, &str) -> Reply {
    move |number, head| {
        let from = head.lines().find_map(|line| line.strip_prefix("range: bytes="));
        let from: usize = from.map_or(0, |from| from.trim_end_matches('-').parse().unwrap());
        let etag = etag(number);
        let if_range = head.lines().find_map(|line| line.strip_prefix("if-range: "));
        let is_part = from > 0 && if_range.is_none_or(|tag| tag == etag);
        let from = if is_part { from } else { 0 };
        let (total, last) = (file.len(), file.len() - 1);
        let range = format!("etag: {etag}\r\ncontent-range: bytes {from}-{last}/{total}\r\n");
        let status = if is_part { "206 Partial Content" } else { "200 OK" };
        let mut bytes = response(status, &range, &file[from..]);
        let rest = total - from;
        bytes.truncate(bytes.len() - rest.saturating_sub(step));
        Reply::Bytes(bytes)
    }
}

#[tokio::test]
async fn a_whole_export_is_read_in_order() {
    let text = lines(3_500);
    let file = gzip(&text);
    let (summary, ids) = read_bytes(&file).await;
    let expected = ExportSummary {
        date: DATE,
        lines: 3_500,
        bytes_compressed: file.len() as u64,
        malformed: 0,
        first_malformed: None,
    };
    assert_eq!(summary.unwrap(), expected);
    assert_eq!(ids, (1..=3_500).collect::<Vec<_>>());
}

#[tokio::test]
async fn broken_connections_lose_nothing_and_bring_nothing_twice() {
    let file = gzip(&lines(3_500));
    let step = file.len() / 2 + 1;
    let stub = Stub::start(in_pieces(file, step, |_| "\"a\"")).await;
    let (summary, ids) = read(&stub).await;
    assert_eq!(summary.unwrap().lines, 3_500);
    assert_eq!(ids, (1..=3_500).collect::<Vec<_>>());
    let heads = stub.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads[0].starts_with(&format!("GET /p/exports/{FILE} ")), "{}", heads[0]);
    assert!(!heads[0].contains("range: "), "{}", heads[0]);
    assert!(heads[1].contains(&format!("\r\nrange: bytes={step}-\r\n")), "{}", heads[1]);
    assert!(heads[1].contains("\r\nif-range: \"a\"\r\n"), "{}", heads[1]);
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_left_for_another() {
    let file = gzip(&lines(500));
    let stub = Stub::start(move |number, _| {
        let bytes = response("200 OK", "etag: \"a\"\r\n", &file);
        match number {
            0 => Reply::Hang(vec![]),
            1 => Reply::Hang(bytes[..bytes.len() / 2].to_vec()),
            _ => Reply::Bytes(bytes),
        }
    });
    let mut stub = stub.await;
    stub.timeout = Duration::from_millis(100);
    let (summary, ids) = read(&stub).await;
    assert_eq!(summary.unwrap().lines, 500);
    assert_eq!(ids, (1..=500).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_without_ranges_is_read_past_what_is_known() {
    let file = gzip(&lines(500));
    let stub = Stub::start(move |number, _| {
        let mut bytes = response("200 OK", "etag: W/\"a\"\r\n", &file);
        bytes.truncate(if number == 0 { bytes.len() / 2 } else { bytes.len() });
        Reply::Bytes(bytes)
    });
    let (summary, ids) = read(&stub.await).await;
    assert_eq!(summary.unwrap().lines, 500);
    assert_eq!(ids, (1..=500).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_not_glued_together() {
    let file = gzip(&lines(500));
    let step = file.len() / 2 + 1;
    let etag = |number| if number == 0 { "\"a\"" } else { "\"b\"" };
    let stub = Stub::start(in_pieces(file, step, etag)).await;
    let (summary, _) = read(&stub).await;
    assert!(matches!(summary, Err(ExportError::Changed { .. })), "{summary:?}");
}

#[tokio::test]
async fn a_connection_lost_behind_the_last_byte_loses_nothing() {
    let file = gzip(&lines(5));
    let stub = Stub::start(move |number, _| {
        let chunked =
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n", file.len());
        let total = format!("content-range: bytes */{}\r\n", file.len());
        Reply::Bytes(match number {
            0 => [chunked.as_bytes(), &file, b"\r\n"].concat(),
            _ => response("416 Range Not Satisfiable", &total, b""),
        })
    });
    let (summary, ids) = read(&stub.await).await;
    assert_eq!(summary.unwrap().lines, 5);
    assert_eq!(ids, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_connection_that_keeps_breaking_is_given_up() {
    let stub = Stub::always(Reply::Bytes(response("503 Busy", "", b""))).await;
    let (summary, _) = read(&stub).await;
    assert!(matches!(summary, Err(ExportError::Unavailable { .. })), "{summary:?}");
    assert_eq!(
        summary.unwrap_err().to_string(),
        format!("{FILE} could not be fetched: status 503")
    );
    assert_eq!(stub.heads().len(), 9);
}

#[tokio::test]
async fn a_file_that_ends_too_early_is_truncated() {
    let file = gzip(&lines(500));
    for cut in [0, 5, 10, file.len() / 2, file.len() - 8, file.len() - 1] {
        let (summary, _) = read_bytes(&file[..cut]).await;
        assert!(matches!(summary, Err(ExportError::Truncated { .. })), "at {cut}: {summary:?}");
    }
    let (summary, ids) = read_bytes(&gzip(&format!("{}{{\"id\":9", lines(2)))).await;
    let message = summary.unwrap_err().to_string();
    assert!(message.contains("line 3 is not whole"), "{message}");
    assert_eq!(ids, Vec::<u64>::new());
}

#[tokio::test]
async fn a_damaged_file_is_corrupt() {
    let file = gzip(&lines(500));
    let change = |at: usize| {
        let mut file = file.clone();
        file[at] ^= 0x55;
        file
    };
    let garbage = [&file[..], b"garbage and more of it"].concat();
    let checksum = change(file.len() - 6);
    let length = change(file.len() - 2);
    let html = b"<html><body>404</body></html>".to_vec();
    let endless = gzip(&"x".repeat(400_000));
    let unreadable = gzip("<html>\n</html>\n");
    for file in [change(0), checksum, length, garbage, html, endless, unreadable] {
        let (summary, _) = read_bytes(&file).await;
        assert!(matches!(summary, Err(ExportError::Corrupt { .. })), "{summary:?}");
    }
}

#[tokio::test]
async fn odd_lines_are_counted_and_the_first_is_kept() {
    let text = "{\"id\":1}\r\n\n{\"id\":null}\nnonsense\n{\"id\":2,\"popularity\":7}";
    let (summary, ids) = read_bytes(&gzip(text)).await;
    let summary = summary.unwrap();
    assert_eq!((summary.lines, summary.malformed), (4, 2));
    assert_eq!(summary.first_malformed.as_deref(), Some("{\"id\":null}"));
    assert_eq!(ids, [1, 2]);
}

#[tokio::test]
async fn an_encoding_on_the_way_does_not_inflate_the_file() {
    let sent = response("200 OK", "content-encoding: gzip\r\n", &gzip(&lines(5)));
    let (summary, ids) = read(&Stub::always(Reply::Bytes(sent)).await).await;
    assert_eq!((summary.unwrap().lines, ids.len()), (5, 5));
}

#[tokio::test]
async fn reading_stops_when_nobody_takes_the_sightings() {
    let stub = Stub::always(Reply::Bytes(response("200 OK", "", &gzip(&lines(5_000))))).await;
    let (sink, sightings) = mpsc::channel(1);
    drop(sightings);
    let summary = stub.client().read_export(Export::Movie, DATE, sink).await;
    assert!(matches!(summary, Err(ExportError::Stopped { .. })), "{summary:?}");
}

#[tokio::test]
async fn an_export_that_is_not_there_says_so() {
    for status in ["403 Forbidden", "404 Not Found"] {
        let stub = Stub::always(Reply::Bytes(response(status, "", b"<xml>"))).await;
        let (summary, _) = read(&stub).await;
        assert!(matches!(summary, Err(ExportError::NotThere { .. })), "{summary:?}");
        let newest = stub.client().newest_export(Export::Movie, DATE).await;
        assert_eq!(newest.unwrap(), None);
        assert_eq!(stub.heads().len(), 9);
    }
}

#[tokio::test]
async fn the_newest_export_may_be_some_days_old() {
    let stub = Stub::start(|_, head| {
        let is_there = head.starts_with("HEAD /p/exports/tv_series_ids_08_29_2026.json.gz ");
        Reply::Bytes(response(if is_there { "200 OK" } else { "403 Forbidden" }, "", b""))
    });
    let client = stub.await.client();
    let newest = client.newest_export(Export::Tv, DATE).await.unwrap();
    assert_eq!(newest, Some(Date::constant(2026, 8, 29)));
}

#[tokio::test]
async fn a_file_host_in_trouble_does_not_make_an_older_export_the_newest() {
    let stub = Stub::always(Reply::Bytes(response("500 Oops", "", b""))).await;
    let newest = stub.client().newest_export(Export::Movie, DATE).await;
    assert!(matches!(newest, Err(ExportError::Unavailable { .. })), "{newest:?}");
}

#[test]
fn real_lines_are_all_readable() {
    let Some(samples) = crate::corpus::read("datasets/exports/sample_lines.jsonl") else { return };
    for sample in serde_json::Deserializer::from_slice(&samples).into_iter::<Value>() {
        let sample = sample.unwrap();
        let found = lines::sighting(Export::Movie, sample["line"].to_string().as_bytes());
        assert!(found.is_some(), "{sample}");
    }
    assert_eq!(file_name(Export::Movie, DATE), FILE);
}

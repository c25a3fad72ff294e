//! The client against the fake TMDB, on good days and on bad ones.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::budget::Lanes;
use domain::sighting::{Export, List, Source};
use domain::{FailureClass, Key, Kind, Reference};
use fake_tmdb::{Change, Faults, Options, Query, Rows, Server, Universe};
use jiff::civil::Date;
use tokio::sync::mpsc;

use crate::discover::{Parameters, default_recipes};
use crate::{
    Answer, Client, Config, Credential, ExportError, Outcome, PageAt, Question, page, seasons,
};

const DAY: Date = Date::constant(2026, 11, 20);
const LINES: u64 = 20_000;

/// Ids up to 100, each show with 30 seasons.
struct Small;

impl Universe for Small {
    fn detail(&self, key: Key, _: &Query, _: u32) -> Option<Bytes> {
        let id = key.id();
        let numbers = (key.season_number(), key.episode_number());
        let text = match numbers {
            (Some(season), Some(episode)) => {
                format!(r#"{{"id":1,"season_number":{season},"episode_number":{episode}}}"#)
            }
            (Some(season), None) if season < 30 => {
                format!(r#"{{"_id":"a","id":1,"season_number":{season}}}"#)
            }
            (None, None) if key.kind() == Kind::Tv => {
                let numbers = (0..30).map(|number| format!(r#"{{"season_number":{number}}}"#));
                format!(r#"{{"id":{id},"seasons":[{}]}}"#, numbers.collect::<Vec<_>>().join(","))
            }
            (None, None) => format!(r#"{{"id":{id},"title":"Title"}}"#),
            _ => return None,
        };
        (id <= 100).then(|| text.into())
    }

    fn part(&self, key: Key, part: &str, query: &Query, day: u32) -> Option<Bytes> {
        let Some(number) = part.strip_prefix("season/") else {
            return Some(format!(r#"{{"id":{},"results":[]}}"#, key.id()).into());
        };
        self.detail(Key::season(key.id(), number.parse().ok()?), query, day)
    }

    fn list(&self, _: &str, page: u32, _: &Query, _: u32) -> Option<Rows> {
        let row = format!(r#"{{"id":{page},"media_type":"tv","name":"x"}}"#);
        let rows = vec![row.into()];
        Some(Rows { rows, total_results: 40, total_pages: 2, ..Rows::default() })
    }

    fn other(&self, _: &str, _: &Query, _: u32) -> Option<Bytes> {
        None
    }

    fn reference(&self, reference: Reference) -> Option<Bytes> {
        let path = reference.path();
        let is_array = path.starts_with("configuration/");
        let text = match path.split('/').next() {
            _ if is_array => "[]",
            Some("genre") => r#"{"genres":[]}"#,
            Some("certification") => r#"{"certifications":{}}"#,
            Some("configuration") => r#"{"images":{}}"#,
            _ => r#"{"results":[]}"#,
        };
        Some(text.into())
    }

    fn changed(&self, _: Kind, _: u32, _: u32) -> Vec<Change> {
        vec![]
    }

    fn export(&self, _: Export, _: u32) -> Box<dyn Iterator<Item = String> + Send + '_> {
        Box::new((1..=LINES).map(|id| format!(r#"{{"id":{id},"popularity":{}.5}}"#, id % 7)))
    }
}

async fn start() -> (Server, Client) {
    let server = fake_tmdb::start(Options::new(Arc::new(Small))).await.unwrap();
    let config = Config {
        api_url: server.api_url(),
        files_url: server.files_url(),
        resume_wait: Duration::ZERO,
        ..Config::default()
    };
    let key = Credential::parse("0123456789abcdef0123456789abcdef").unwrap();
    let client = Client::new(config, key).unwrap();
    (server, client)
}

async fn ask(client: &Client, question: &Question) -> Answer {
    let now = Instant::now();
    client.ask(question, Lanes::unlimited(now).take(now).unwrap()).await
}

async fn found(client: &Client, question: &Question) -> Bytes {
    match ask(client, question).await.outcome {
        Outcome::Found(body) => body,
        Outcome::Failed { failure, .. } => panic!("{}", failure.message),
    }
}

async fn class(client: &Client, question: &Question) -> Option<FailureClass> {
    match ask(client, question).await.outcome {
        Outcome::Found(_) => None,
        Outcome::Failed { failure, .. } => Some(failure.class),
    }
}

fn at(page: u32) -> PageAt {
    PageAt { page, ..PageAt::default() }
}

fn detail(text: &str) -> Question {
    Question::Detail(text.parse().unwrap())
}

#[tokio::test]
async fn every_source_and_kind_is_answered() {
    let (_server, client) = start().await;
    for source in Source::all() {
        let Source::List(list) = source else { continue };
        let question = Question::List { list, at: at(2) };
        let body = found(&client, &question).await;
        assert_eq!(page::parse(&question, &body).unwrap().sightings.len(), 1);
    }
    for kind in [Kind::Movie, Kind::Tv] {
        for recipe in default_recipes().values() {
            let filters: Parameters = recipe.of(kind).unwrap();
            let question = Question::Discover { kind, filters, at: at(2) };
            let body = found(&client, &question).await;
            assert_eq!(page::parse(&question, &body).unwrap().sightings[0].key.kind(), kind);
        }
    }
    for kind in ["movie/1", "tv/1/season/0", "tv/1/season/1/episode/2", "person/1", "keyword/1"] {
        let answer = ask(&client, &detail(kind)).await;
        assert!(matches!(answer.outcome, Outcome::Found(_)), "{answer:?}");
        assert_eq!(answer.missing, Vec::<String>::new(), "{kind}");
    }
    for reference in Reference::ALL {
        found(&client, &Question::Detail(Key::reference(reference))).await;
    }
    assert_eq!(class(&client, &detail("movie/101")).await, Some(FailureClass::Gone));
    let beyond = Question::List { list: List::TvPopular, at: at(501) };
    assert_eq!(class(&client, &beyond).await, Some(FailureClass::Ours));
}

#[tokio::test]
async fn all_seasons_of_a_long_show_come_in_three_requests() {
    let (server, client) = start().await;
    let first = seasons::split(&found(&client, &detail("tv/1")).await).unwrap();
    let mut numbers: Vec<u32> = first.seasons.iter().map(|(number, _)| *number).collect();
    for group in seasons::further(&first.numbers, &numbers) {
        let more = found(&client, &Question::Seasons { tv: 1, numbers: group }).await;
        numbers.extend(seasons::split(&more).unwrap().seasons.iter().map(|(number, _)| number));
    }
    assert_eq!(numbers, (0..30).collect::<Vec<_>>());
    assert_eq!(server.stats().total, 3);
}

#[tokio::test]
async fn no_fault_passes_for_an_answer() {
    let (server, client) = start().await;
    let always = |set: fn(&mut Faults)| {
        let mut faults = Faults::default();
        set(&mut faults);
        faults
    };
    for faults in [
        always(|faults| faults.error_500 = 1.0),
        always(|faults| faults.error_502 = 1.0),
        always(|faults| faults.error_503 = 1.0),
        always(|faults| faults.error_504 = 1.0),
        always(|faults| faults.reset = 1.0),
        always(|faults| faults.truncate = 1.0),
        always(|faults| faults.invalid_json = 1.0),
        always(|faults| faults.html_200 = 1.0),
        always(|faults| faults.error_body_200 = 1.0),
        always(|faults| faults.wrong_length = 1.0),
        always(|faults| faults.empty_body = 1.0),
    ] {
        server.set_faults(faults);
        for question in [detail("movie/1"), detail("reference/genre-tv-list"), detail("tv/1")] {
            let class = class(&client, &question).await;
            assert_eq!(class, Some(FailureClass::Later), "{faults:?}");
        }
    }
    server.set_faults(Faults::default());
    found(&client, &detail("movie/1")).await;
}

/// Reads the movie export, and returns how it ended and which ids it brought.
async fn read(client: &Client) -> (Result<u64, ExportError>, Vec<u64>) {
    let (sink, mut batches) = mpsc::channel(1);
    let collect = async {
        let mut ids = vec![];
        while let Some(batch) = batches.recv().await {
            let batch: Vec<domain::Sighting> = batch;
            ids.extend(batch.iter().map(|sighting| sighting.key.id()));
        }
        ids
    };
    let (summary, ids) = tokio::join!(client.read_export(Export::Movie, DAY, sink), collect);
    (summary.map(|summary| summary.lines), ids)
}

#[tokio::test]
async fn exports_are_read_whole_or_not_called_so() {
    let (server, client) = start().await;
    assert_eq!(client.newest_export(Export::Movie, DAY).await.unwrap(), Some(DAY));
    let tomorrow = DAY.tomorrow().unwrap();
    assert_eq!(client.newest_export(Export::Movie, tomorrow).await.unwrap(), Some(DAY));
    server.set_faults(Faults { export_cut: 0.6, ..Faults::default() });
    for _ in 0..4 {
        let (lines, ids) = read(&client).await;
        assert_eq!(lines.unwrap(), LINES);
        assert_eq!(ids, (1..=LINES).collect::<Vec<_>>());
    }
    server.set_faults(Faults { export_garbage: 1.0, ..Faults::default() });
    let (lines, ids) = read(&client).await;
    assert!(lines.is_err(), "{lines:?}");
    // What came before the damage is true nonetheless.
    let distinct: BTreeSet<u64> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len());
}

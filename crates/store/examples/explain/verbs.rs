//! What roles and pages ask, and the table of how that went.

use std::time::Duration;

use domain::catalogue::{ListName, WorkQuery, WorkSort};
use domain::facets::{ExternalSource, NameQuery};
use domain::images::{ImageName, Notes, PicturedScan, Used, Which};
use domain::ledger::CallFilter;
use domain::outline::Outline;
use domain::rating::{ImportedRating, RatingSource};
use domain::run::RunStatus;
use domain::{Key, Kind, RunId, StoreError, Timestamp};
use store::Store;

use crate::plans::{Plan, Plans};
use crate::say;

/// When the tables were filled, as they say: the start of 2026.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

type Answer = Result<(), Box<dyn std::error::Error>>;

/// Runs a verb, and prints each of its statements.
macro_rules! explain {
    ($plans:expr, $name:expr, $verb:expr) => {{
        let end = $plans.end().await?;
        let answer: Result<_, StoreError> = $verb.await;
        answer?;
        tell(&$name, &$plans.since(end).await?);
    }};
}

pub(crate) async fn run(store: &Store, plans: &Plans) -> Answer {
    say("| verb | ms | scans |\n| --- | --- | --- |");
    pages(store, plans).await?;
    lookups(store, plans).await?;
    finding(store, plans).await?;
    writes(store, plans).await?;
    ledger(store, plans).await?;
    images(store, plans).await
}

fn tell(name: &str, plans: &[Plan]) {
    for plan in plans {
        say(&format!("| {name} | {:.1} | {} |", plan.millis, plan.scans.join(", ")));
    }
}

async fn pages(store: &Store, plans: &Plans) -> Answer {
    let all = || WorkQuery { limit: 20, ..WorkQuery::default() };
    for sort in [
        WorkSort::Popularity,
        WorkSort::Rating,
        WorkSort::Score,
        WorkSort::Votes,
        WorkSort::Released,
        WorkSort::Title,
    ] {
        let query = WorkQuery { sort, ..all() };
        explain!(plans, format!("query, {sort:?}"), store.catalog.query(&query));
    }
    let filters = [
        ("kind", WorkQuery { kind: Some(Kind::Tv), ..all() }),
        ("a genre of many", WorkQuery { genre: Some("Drama".to_owned()), ..all() }),
        ("a genre of few", WorkQuery { genre: Some("Genre 7".to_owned()), ..all() }),
        ("years", WorkQuery { year_from: Some(1999), year_to: Some(2000), ..all() }),
        ("votes", WorkQuery { min_votes: Some(100), ..all() }),
        ("rating", WorkQuery { min_rating: Some(9.5), ..all() }),
        ("language", WorkQuery { language: Some("de".to_owned()), ..all() }),
        ("adult", WorkQuery { adult: true, ..all() }),
        ("a rare word", WorkQuery { text: Some("rare7".to_owned()), ..all() }),
        ("a word of thousands", WorkQuery { text: Some("word7".to_owned()), ..all() }),
        ("a word of all, a rare one", WorkQuery { text: Some("title rare7".to_owned()), ..all() }),
        ("the start of a word", WorkQuery { text: Some("\u{5343}".to_owned()), ..all() }),
        ("far down", WorkQuery { offset: 10_000, ..all() }),
    ];
    for (name, query) in filters {
        explain!(plans, format!("query, {name}"), store.catalog.query(&query));
    }
    Ok(())
}

async fn lookups(store: &Store, plans: &Plans) -> Answer {
    let catalog = &store.catalog;
    let name =
        || ListName { list: "movie.1".to_owned(), region: String::new(), language: String::new() };
    explain!(plans, "work", catalog.work(Key::movie(999_999)));
    explain!(plans, "card", catalog.card(Key::movie(999_999)));
    explain!(plans, "person", catalog.person(999_999));
    explain!(plans, "list", catalog.list(&name(), 100));
    explain!(plans, "counts", catalog.counts());
    let outline = Outline {
        name: Some("Title x".to_owned()),
        imdb_id: Some("tt9".to_owned()),
        released: Some("1999-01-01".parse()?),
        born: Some("1963-01-12".parse()?),
        ..Outline::default()
    };
    explain!(plans, "alike, a title", catalog.alike(Key::movie(5), &outline));
    explain!(plans, "alike, a person", catalog.alike(Key::person(5), &outline));
    explain!(plans, "wanted_similar", catalog.wanted_similar(&["movie.1".to_owned()], 1_000));
    explain!(plans, "works_after", catalog.works_after(Some(Key::movie(500_001)), 500));
    explain!(plans, "people_after", catalog.people_after(Some(500_000), 500));
    explain!(plans, "entries_after", catalog.entries_after(Some((name(), 9)), 500));
    explain!(plans, "imported", catalog.imported());
    Ok(())
}

async fn finding(store: &Store, plans: &Plans) -> Answer {
    let catalog = &store.catalog;
    let all = [Kind::Movie, Kind::Tv, Kind::Person, Kind::Company];
    for (name, text, kinds) in [
        ("a rare word", "rare7", &all[..1]),
        ("a word of thousands", "word7", &all[..2]),
        ("a word of all, a rare one", "title rare7", &all[..2]),
        ("the start of a word", "rar", &all[..1]),
        ("of every kind", "name7", &all[..]),
    ] {
        let query = NameQuery {
            text: text.to_owned(),
            kinds: kinds.to_vec(),
            limit: 20,
            ..NameQuery::default()
        };
        explain!(plans, format!("search, {name}"), catalog.search(&query));
    }
    explain!(plans, "facets_after", catalog.facets_after(Some(Key::movie(500_001)), 1_000));
    explain!(plans, "facets_since", catalog.facets_since(NOW, None, 1_000));
    explain!(plans, "by_external_id", catalog.by_external_id(ExternalSource::Tvdb, "id84"));
    explain!(plans, "readings", catalog.readings("movie.1"));
    Ok(())
}

async fn writes(store: &Store, plans: &Plans) -> Answer {
    let catalog = &store.catalog;
    let now = Timestamp::from_millis(4_000_000_000_000);
    let record = |key: Key| {
        let json = r#"{"title": "T", "name": "T", "vote_average": 5, "vote_count": 5,
                       "similar": {"results": [{"id": 7}]}}"#;
        records::record(key, json.as_bytes(), "", now).map(|(record, _)| record)
    };
    let keys = (1..=200).flat_map(|id| [Key::movie(id * 997), Key::person(id), Key::season(id, 1)]);
    let batch = keys.map(record).collect::<Result<Vec<_>, _>>()?;
    explain!(plans, "put, 600 records", catalog.put(&batch));
    let moved: Vec<_> = (1..1_000).map(|id| (id * 991, 7.5)).collect();
    explain!(plans, "move_popularity, 1,000", catalog.move_popularity(Kind::Movie, &moved));
    let rating = |id: u32| ImportedRating::new(format!("tt{}", id * 3).parse()?, 7.0, 10.0, 9);
    let ratings = (1..1_000).map(rating).collect::<Result<Vec<_>, _>>()?;
    let other: RatingSource = "other".parse()?;
    explain!(plans, "import_ratings, 1,000", catalog.import_ratings(&other, &ratings, now));
    explain!(plans, "forget_ratings", catalog.forget_ratings(&other));
    explain!(plans, "rescore", catalog.rescore(None, 1_000));
    explain!(plans, "forget_lists", catalog.forget_lists(Timestamp::from_millis(0)));
    let gone: Vec<_> = batch.iter().map(|record| record.key).collect();
    explain!(plans, "remove, 600 keys", catalog.remove(&gone));
    Ok(())
}

async fn ledger(store: &Store, plans: &Plans) -> Answer {
    let ledger = &store.ledger;
    explain!(plans, "runs", ledger.runs(None, 20));
    explain!(plans, "runs by status", ledger.runs(Some(RunStatus::Failed), 20));
    explain!(plans, "run", ledger.run(RunId(5)));
    explain!(plans, "bury_silent_runs", ledger.bury_silent_runs(Timestamp::from_millis(0)));
    let filter = CallFilter::default;
    explain!(plans, "calls", ledger.calls(&filter(), 50));
    let failed = CallFilter { failed_only: true, ..filter() };
    explain!(plans, "calls, failed only", ledger.calls(&failed, 50));
    let of_run = CallFilter { run: Some(RunId(5)), ..filter() };
    explain!(plans, "calls of a run", ledger.calls(&of_run, 50));
    let hour_ago = NOW - Duration::from_hours(1);
    explain!(plans, "call_counts, an hour", ledger.call_counts(hour_ago));
    explain!(plans, "forget_calls", ledger.forget_calls(Timestamp::from_millis(0)));
    explain!(plans, "forget_titles", ledger.forget_titles(Timestamp::from_millis(0)));
    explain!(plans, "cursor", ledger.cursor("export.movie"));
    explain!(plans, "drift", ledger.drift(50));
    Ok(())
}

async fn images(store: &Store, plans: &Plans) -> Answer {
    let images = &store.images;
    let now = NOW;
    let scan = |after| PicturedScan { min_popularity: 1.0, after, limit: 200 };
    explain!(plans, "pictured, first", images.pictured(scan(None)));
    let after = Some((500.0, Key::movie(5)));
    explain!(plans, "pictured, further", images.pictured(scan(after)));
    let held = images.held(&Which::All, None, 200).await?;
    let names: Vec<ImageName> = held.iter().map(|image| image.name.clone()).collect();
    explain!(plans, "states, 200", images.states(&names));
    let used =
        names.iter().map(|name| Used { name: name.clone(), of: Key::movie(5), at: now, place: 1 });
    let notes = Notes { kept: held.clone(), used: used.collect(), failed: vec![] };
    explain!(plans, "note, 400", images.note(&notes));
    explain!(plans, "touch", images.touch(&names[0], now));
    explain!(plans, "least_used, 20 MB", images.least_used(now, 0, 20_000_000));
    explain!(plans, "held", images.held(&Which::All, names.last(), 200));
    let old = Which::FetchedBefore(now - Duration::from_hours(8_000));
    explain!(plans, "held, fetched before", images.held(&old, None, 200));
    let of = Which::Of((1..50).map(Key::movie).collect());
    explain!(plans, "held, of titles", images.held(&of, None, 200));
    explain!(plans, "forget, 200", images.forget(&held));
    let keys: Vec<_> = (1..50).map(Key::movie).collect();
    let long_ago = Timestamp::from_millis(0);
    explain!(plans, "forget_failures", images.forget_failures(long_ago, &keys));
    explain!(plans, "stats", images.stats());
    Ok(())
}

//! `history`, `diff`, `series`: a record through time.

use domain::archive::Version;
use domain::{JUSTWATCH_NOTICE, Key, Record, TMDB_NOTICE};
use pipeline::read;
use records::Difference;
use serde::Serialize;
use serde_json::Value;
use store::Store;

use super::args::{DiffArgs, HistoryArgs, SeriesArgs, When};
use super::{Context, Exit, get, gone};
use crate::output::{count, cut, size};

/// A version, and what it changed.
#[derive(Serialize)]
struct Step {
    #[serde(flatten)]
    version: Version,
    /// When the next version began; absent for the newest.
    valid_until: Option<domain::Timestamp>,
    /// What differs from the version before, figures left out.
    changed: Vec<Difference>,
}

pub(super) async fn history(context: &Context, args: HistoryArgs) -> anyhow::Result<Exit> {
    let key = args.key.key()?;
    let store = context.store().await?;
    let steps = steps(&store, key).await?;
    if steps.is_empty() {
        return get::not_found(context, &store, key).await;
    }
    if context.output.json {
        context.output.json(&steps)?;
        return Ok(Exit::Done);
    }
    gone::lines(context.output, &store, key).await?;
    let rows = steps.iter().map(|step| {
        let until = step.valid_until.map_or_else(|| "now".to_owned(), |at| at.to_string());
        vec![
            step.version.number.to_string(),
            step.version.valid_from.to_string(),
            until,
            step.version.fetched_at.to_string(),
            size(step.version.stored_bytes),
            summary(step),
        ]
    });
    let headings = ["version #", "from", "until", "last seen", "size #", "what changed"];
    context.output.table(&headings, rows.collect())?;
    context.output.line("")?;
    context.output.line(TMDB_NOTICE)?;
    Ok(Exit::Done)
}

async fn steps(store: &Store, key: Key) -> anyhow::Result<Vec<Step>> {
    let versions = store.archive.versions(key).await?;
    let mut steps: Vec<Step> = vec![];
    let mut before: Option<Value> = None;
    for version in versions {
        let Some(record) = store.archive.version(key, version.number).await? else { continue };
        let body = read::value(&record)?;
        let changed = before.as_ref().map(|before| differences(before, &body, false));
        if let Some(last) = steps.last_mut() {
            last.valid_until = Some(version.valid_from);
        }
        steps.push(Step { version, valid_until: None, changed: changed.unwrap_or_default() });
        before = Some(body);
    }
    Ok(steps)
}

/// What tells two bodies apart; figures that move daily only where they are wanted.
fn differences(before: &Value, after: &Value, figures: bool) -> Vec<Difference> {
    let all = records::diff(before, after).into_iter();
    all.filter(|difference| figures || !difference.is_figure).collect()
}

fn summary(step: &Step) -> String {
    match &step.changed[..] {
        [] if step.version.number == 1 => "first seen".to_owned(),
        // What came before was purged, or nothing to speak of differs.
        [] => "–".to_owned(),
        changed => {
            let mut names: Vec<&str> = changed.iter().map(|one| top(&one.path)).collect();
            names.dedup();
            let fields = if changed.len() == 1 { "field" } else { "fields" };
            cut(&format!("{} {fields}: {}", count(changed.len() as u64), names.join(", ")), 80)
        }
    }
}

/// The first name of a path.
fn top(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

pub(super) async fn diff(context: &Context, args: DiffArgs) -> anyhow::Result<Exit> {
    let key = args.key.key()?;
    let store = context.store().await?;
    let versions = store.archive.versions(key).await?;
    let Some(newest) = versions.last() else {
        return get::not_found(context, &store, key).await;
    };
    let earlier = versions.iter().rev().nth(1).unwrap_or(newest);
    let from = args.from.unwrap_or(When::Version(earlier.number));
    let to = args.to.unwrap_or(When::Version(newest.number));
    let before = find(&store, key, from, &versions).await?;
    let after = find(&store, key, to, &versions).await?;
    let (before, after) = (read::value(&before)?, read::value(&after)?);
    let differences = differences(&before, &after, args.figures);
    if context.output.json {
        context.output.json(&differences)?;
        return Ok(Exit::Done);
    }
    if differences.is_empty() {
        let hint = if args.figures { "" } else { " (--figures shows popularity and votes)" };
        context.output.line(format!("Nothing differs{hint}."))?;
    }
    for difference in &differences {
        context.output.line(difference.to_string())?;
    }
    context.output.line("")?;
    if differences.iter().any(|difference| top(&difference.path) == "watch/providers") {
        context.output.line(JUSTWATCH_NOTICE)?;
    }
    context.output.line(TMDB_NOTICE)?;
    Ok(Exit::Done)
}

async fn find(store: &Store, key: Key, when: When, versions: &[Version]) -> anyhow::Result<Record> {
    let found = match when {
        When::Version(number) => store.archive.version(key, number).await?,
        When::At(at) => store.archive.as_of(key, at).await?,
    };
    found.ok_or_else(|| {
        let numbers = versions.iter().map(|version| version.number);
        let (first, last) = (numbers.clone().min().unwrap_or(0), numbers.max().unwrap_or(0));
        match when {
            When::Version(number) => {
                anyhow::anyhow!("{key} has no version {number}; it has {first} to {last}")
            }
            When::At(at) => {
                let from = versions.first().map(|version| version.valid_from.to_string());
                anyhow::anyhow!(
                    "{key} was not known on {at}; its first version is of {}",
                    from.unwrap_or_default()
                )
            }
        }
    })
}

pub(super) async fn series(context: &Context, args: SeriesArgs) -> anyhow::Result<Exit> {
    let key = args.key.key()?;
    let store = context.store().await?;
    let points = store.archive.series(key).await?;
    if points.is_empty() && store.archive.get(key).await?.is_none() {
        return get::not_found(context, &store, key).await;
    }
    if context.output.json {
        context.output.json(&points)?;
        return Ok(Exit::Done);
    }
    let figure = |number: Option<f64>| number.map(|number| format!("{number:.3}"));
    let rows = points.iter().map(|point| {
        vec![
            point.day.to_string(),
            figure(point.figures.popularity).unwrap_or_default(),
            figure(point.figures.vote_average).unwrap_or_default(),
            point.figures.vote_count.map(count).unwrap_or_default(),
        ]
    });
    context.output.table(&["day", "popularity #", "average #", "votes #"], rows.collect())?;
    context.output.line("")?;
    context.output.line(TMDB_NOTICE)?;
    Ok(Exit::Done)
}

//! `collect`: what is queued, or the keys given, now.

use domain::{Key, Kind};
use pipeline::collect::{CollectOptions, Collected, Until, collect_now};

use super::args::CollectArgs;
use super::{Context, Exit, run};
use crate::app::{self, App};
use crate::output::size;
use crate::progress::Progress;

pub(super) async fn collect(context: &Context, args: CollectArgs) -> anyhow::Result<Exit> {
    if args.keys.is_empty() {
        return queued(context, args).await;
    }
    let keys = super::understood(keys(&args.keys))?;
    let app = App::start(&context.config.settings, "collect").await?;
    let progress = Progress::new(&context.bars, context.quiet);
    let collected = collect_now(&app.pipeline, &keys, None, &progress).await;
    progress.finish();
    app.finish().await;
    let collected = collected?;
    if context.output.json {
        let rows: Vec<_> = collected.iter().map(|(key, what)| json(*key, what)).collect();
        context.output.json(&rows)?;
    } else {
        for (key, what) in &collected {
            context.output.line(text(*key, what))?;
        }
    }
    let stored = |(_, what): &(Key, Collected)| matches!(what, Collected::Stored { .. });
    Ok(if collected.iter().all(stored) { Exit::Done } else { Exit::Partly })
}

async fn queued(context: &Context, args: CollectArgs) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let app = App::start(settings, "collect").await?;
    let options = CollectOptions {
        limit: args.limit,
        until: if args.no_wait { Until::NoneReady } else { Until::Drained },
        ..run::collect_options(settings, &app)
    };
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let depth = app.pipeline.stores.queue.depth(app.pipeline.now()).await?;
    progress.expect((depth.ready + depth.delayed).min(args.limit.unwrap_or(u64::MAX)));
    let collected = pipeline::collect::collect(&app.pipeline, &options, &progress, &stop).await;
    progress.finish();
    app.finish().await;
    let figures = collected?;
    if context.output.json {
        context.output.json(&figures)?;
    } else {
        run::figures(context.output, &figures)?;
    }
    Ok(if figures.failed == 0 { Exit::Done } else { Exit::Partly })
}

/// Keys as `movie/550`, or as the words `movie 550`.
pub(super) fn keys(words: &[String]) -> anyhow::Result<Vec<Key>> {
    let mut keys = vec![];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = if word.contains('/') {
            word.clone()
        } else {
            let id = words.next();
            word.parse::<Kind>()?;
            let id = id.ok_or_else(|| {
                anyhow::anyhow!("`{word}` needs an id behind it, as in `{word} 550`")
            })?;
            format!("{word}/{id}")
        };
        keys.push(text.parse()?);
    }
    Ok(keys)
}

fn text(key: Key, what: &Collected) -> String {
    match what {
        Collected::Stored { label, records, changed, calls, bytes } => {
            let plural = |number: u64, word: &str| {
                format!("{number} {word}{}", if number == 1 { "" } else { "s" })
            };
            let changed = if *changed { "" } else { ", unchanged" };
            format!(
                "{key}: {label}: {} from {}, {}{changed}",
                plural(*records as u64, "record"),
                plural(*calls, "call"),
                size(*bytes)
            )
        }
        Collected::Gone => {
            format!("{key}: TMDB has no such thing (404); noted, nothing is deleted for that alone")
        }
        Collected::Failed(failure) => format!("{key}: {}", failure.message),
    }
}

fn json(key: Key, what: &Collected) -> serde_json::Value {
    match what {
        Collected::Stored { label, records, changed, calls, bytes } => serde_json::json!({
            "key": key, "outcome": "stored", "label": label, "records": records,
            "changed": changed, "calls": calls, "bytes": bytes,
        }),
        Collected::Gone => serde_json::json!({"key": key, "outcome": "gone"}),
        Collected::Failed(failure) => serde_json::json!({
            "key": key, "outcome": "failed", "class": failure.class, "error": failure.message,
        }),
    }
}

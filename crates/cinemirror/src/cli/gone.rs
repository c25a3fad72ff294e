//! `gone`: what was deleted at TMDB, by two proofs, and what is suspected of it.

use domain::Key;
use domain::deletion::{Evidence, Successor, Tombstone};
use store::Store;

use super::args::GoneArgs;
use super::{Context, Exit};
use crate::output::Output;

pub(super) async fn gone(context: &Context, args: GoneArgs) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    if args.suspects {
        let suspects = store.archive.suspects(None, args.limit).await?;
        if context.output.json {
            context.output.json(&suspects)?;
            return Ok(Exit::Done);
        }
        if suspects.is_empty() {
            context.output.line("No key is suspected of being gone.")?;
            return Ok(Exit::Done);
        }
        let rows = suspects.iter().map(|suspect| {
            let [not_found, unlisted] = proofs(&suspect.evidence);
            vec![suspect.key.to_string(), not_found, unlisted]
        });
        context.output.table(&["key", "answered 404", "not listed by"], rows.collect())?;
        return Ok(Exit::Done);
    }
    let tombstones = store.archive.tombstones(args.limit).await?;
    if context.output.json {
        context.output.json(&tombstones)?;
        return Ok(Exit::Done);
    }
    if tombstones.is_empty() {
        context.output.line("Nothing was deleted at TMDB, as far as is proven.")?;
        return Ok(Exit::Done);
    }
    let rows = tombstones.iter().map(|tombstone| {
        let [not_found, unlisted] = proofs(&tombstone.evidence);
        let successor = tombstone.successor.as_ref().map(likely).unwrap_or_default();
        vec![tombstone.key.to_string(), tombstone.since.to_string(), not_found, unlisted, successor]
    });
    let headings = ["key", "tombstone", "answered 404", "not listed by", "likely now"];
    context.output.table(&headings, rows.collect())?;
    Ok(Exit::Done)
}

fn proofs(evidence: &Evidence) -> [String; 2] {
    let unlisted = evidence.unlisted.as_ref();
    [
        evidence.not_found.map(|at| at.to_string()).unwrap_or_default(),
        unlisted.map(|unlisted| format!("{} of {}", unlisted.by, unlisted.on)).unwrap_or_default(),
    ]
}

fn likely(successor: &Successor) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lies in 0..=100")]
    let percent = (successor.confidence.clamp(0.0, 1.0) * 100.0).round() as u32;
    format!("{} ({percent} % sure: {})", successor.key, successor.reason.as_words())
}

/// Says of a key what is held against it, if anything.
pub(super) async fn lines(output: Output, store: &Store, key: Key) -> anyhow::Result<()> {
    if let Some(tombstone) = store.archive.tombstone(key).await? {
        text(output, &tombstone)?;
    }
    Ok(())
}

fn text(output: Output, tombstone: &Tombstone) -> std::io::Result<()> {
    let [not_found, unlisted] = proofs(&tombstone.evidence);
    output.line(format!(
        "{} was deleted at TMDB: it answers 404 since {not_found}, and {unlisted} does not list it.",
        tombstone.key
    ))?;
    match &tombstone.successor {
        Some(successor) => output.line(format!("Likely it is {} now.", likely(successor))),
        None => output.line("No other title is known that it was merged with."),
    }
}

//! `ratings`: what other sources than TMDB say of titles.

use domain::rating::RatingSource;
use pipeline::ratings;

use super::args::RatingsCommand;
use super::{Context, Exit};
use crate::app;
use crate::output::count;
use crate::progress::Progress;

pub(super) async fn ratings(context: &Context, command: RatingsCommand) -> anyhow::Result<Exit> {
    match command {
        RatingsCommand::Import(args) => import(context, args.file, &args.source).await,
        RatingsCommand::List => list(context).await,
        RatingsCommand::Forget { source } => forget(context, &source).await,
        RatingsCommand::Rescore => rescore(context).await,
    }
}

async fn import(
    context: &Context,
    file: std::path::PathBuf,
    source: &RatingSource,
) -> anyhow::Result<Exit> {
    let stores = app::stores(&context.store_or_new().await?);
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let now = app::clock()();
    let imported = ratings::import(&stores, file, source, now, &progress, &stop).await;
    progress.finish();
    let imported = imported?;
    if context.output.json {
        context.output.json(&imported)?;
    } else {
        context.output.line(format!(
            "{} ratings of {source} imported; {} titles of the mirror have one of them.",
            count(imported.ratings),
            count(imported.titles)
        ))?;
        if let Some(first) = &imported.first_bad {
            context.output.line(format!(
                "{} lines were left out, the first of them {first}.",
                count(imported.bad_lines)
            ))?;
        }
    }
    Ok(if imported.bad_lines == 0 { Exit::Done } else { Exit::Partly })
}

async fn list(context: &Context) -> anyhow::Result<Exit> {
    let sources = context.store().await?.catalog.imported().await?;
    if context.output.json {
        context.output.json(&sources)?;
        return Ok(Exit::Done);
    }
    if sources.is_empty() {
        let how = "cinemirror ratings import title.ratings.tsv.gz --source imdb";
        context.output.line(format!("No ratings were imported. `{how}` takes over IMDb's."))?;
        return Ok(Exit::Done);
    }
    let rows = sources.iter().map(|one| {
        vec![one.source.clone(), count(one.ratings), count(one.titles), one.imported_at.to_string()]
    });
    let headings = ["source", "ratings #", "titles in the mirror #", "imported"];
    context.output.table(&headings, rows.collect())?;
    Ok(Exit::Done)
}

async fn forget(context: &Context, source: &RatingSource) -> anyhow::Result<Exit> {
    let forgotten = context.store().await?.catalog.forget_ratings(source).await?;
    if context.output.json {
        context.output.json(&serde_json::json!({"source": source, "ratings": forgotten}))?;
    } else if forgotten == 0 {
        context
            .output
            .line(format!("There are no ratings of {source}; `ratings list` says of whom."))?;
    } else {
        context.output.line(format!("{} ratings of {source} dropped.", count(forgotten)))?;
    }
    Ok(if forgotten == 0 { Exit::NotFound } else { Exit::Done })
}

async fn rescore(context: &Context) -> anyhow::Result<Exit> {
    let stores = app::stores(&context.store().await?);
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let scored = ratings::rescore(&stores, &progress, &stop).await;
    progress.finish();
    let scored = scored?;
    if context.output.json {
        context.output.json(&serde_json::json!({"titles": scored}))?;
    } else {
        context.output.line(format!("{} titles looked at again.", count(scored)))?;
    }
    Ok(Exit::Done)
}

//! `query`: find titles.

use domain::catalogue::WorkQuery;
use domain::{Key, Kind, TMDB_NOTICE};

use super::args::QueryArgs;
use super::{Context, Exit, get};
use crate::output::{count, cut};

pub(super) async fn query(context: &Context, args: QueryArgs) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    if let (Some(id), Some(kind)) = (args.id, args.kind) {
        return one(context, &store, Key::new(kind, id, None, None)?).await;
    }
    anyhow::ensure!(
        args.kind.is_none_or(Kind::is_title),
        "`query` finds titles: --type movie or --type tv; `get person 287` shows a person"
    );
    let query = WorkQuery {
        kind: args.kind,
        genre: args.genre,
        year_from: args.year.map(|(from, _)| from),
        year_to: args.year.map(|(_, to)| to),
        min_votes: args.min_votes,
        min_rating: args.min_rating,
        language: args.language,
        text: args.text,
        adult: args.adult,
        sort: args.sort.into(),
        limit: args.limit,
        offset: args.offset,
    };
    let page = store.catalog.query(&query).await?;
    if context.output.json {
        context.output.json(&page)?;
        return Ok(Exit::Done);
    }
    let rows = page.works.iter().map(|work| {
        vec![
            format!("{}/{}", work.kind, work.tmdb_id),
            cut(&work.title, 40),
            work.year.map(|year| year.to_string()).unwrap_or_default(),
            work.vote_average.map(|average| format!("{average:.1}")).unwrap_or_default(),
            count(work.vote_count),
            work.score_0_100.map(|score| format!("{score:.1}")).unwrap_or_default(),
            format!("{:.1}", work.popularity),
            cut(&work.genres.join(", "), 36),
        ]
    });
    let headings =
        ["key", "title", "year", "rating #", "votes #", "score #", "popularity #", "genres"];
    context.output.table(&headings, rows.collect())?;
    let (shown, total) = (page.works.len() as u64, page.total);
    context.output.line(format!("{} of {} titles. {TMDB_NOTICE}", count(shown), count(total)))?;
    Ok(Exit::Done)
}

async fn one(context: &Context, store: &store::Store, key: Key) -> anyhow::Result<Exit> {
    if !context.output.json {
        return get::show(context, store, key).await;
    }
    match pipeline::read::json(&crate::app::stores(store), key).await? {
        Some(body) => {
            context.output.json(&body)?;
            Ok(Exit::Done)
        }
        None => get::not_found(context, store, key).await,
    }
}

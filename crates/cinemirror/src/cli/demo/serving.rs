//! The second half of the demo: the mirror as a TMDB of one's own, the first TMDB beside it.

use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use domain::{Key, Kind};
use fake_tmdb::{Generated, Universe};
use pipeline::collect::collect;
use pipeline::watch::Unwatched;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::cli::{serve, up};
use crate::config::Settings;
use crate::output::Output;

/// Where nobody sits at a terminal to end it.
const UNATTENDED: u64 = 5;

/// What everybody who knows TMDB asks for first.
const KNOWN: u64 = 550;

/// How long the demo serves; `None` is until it is stopped.
pub(super) fn minutes(given: Option<u64>) -> Option<u64> {
    given.or_else(|| (!io::stdout().is_terminal()).then_some(UNATTENDED))
}

/// The TMDB that the mirror was made from, and how long both are there.
pub(super) struct Beside<'a> {
    pub(super) fake: &'a fake_tmdb::Server,
    pub(super) universe: &'a Generated,
    pub(super) minutes: Option<u64>,
}

/// Serves and says what to try, until the time is over or it is stopped.
pub(super) async fn serve(
    output: Output,
    settings: &Settings,
    app: &App,
    beside: &Beside<'_>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let server = serve::beside(settings, app).await?;
    let server = server.context("the demo has no address to serve at")?;
    if output.json {
        let url = format!("{}://{}", server.scheme(), server.address());
        output.json(&serde_json::json!({ "url": url, "minutes": beside.minutes }))?;
    } else {
        invite(output, app, server.address(), beside).await?;
    }
    run(settings, app, server, beside.minutes, stop).await
}

/// Says what to try.
async fn invite(
    output: Output,
    app: &App,
    here: SocketAddr,
    beside: &Beside<'_>,
) -> anyhow::Result<()> {
    let fake = beside.fake.addr();
    let has = |key: Key| beside.universe.detail(key, &fake_tmdb::Query::new(), 0).is_some();
    let movie = if has(Key::movie(KNOWN)) { KNOWN } else { most_popular(app).await? };
    let line = |text: String| output.line(text);
    line(String::new())?;
    line(format!("The mirror answers as TMDB does, on http://{here}. From another terminal:"))?;
    line(String::new())?;
    let asked = "append_to_response=credits,videos&language=fr-FR";
    line(format!("  curl 'http://{here}/3/movie/{movie}?{asked}&api_key=x'"))?;
    line(format!("  curl 'http://{here}/3/search/movie?query=winter&api_key=x'"))?;
    line(format!("  curl 'http://{here}/pipeline/status'"))?;
    line(String::new())?;
    if let Some(person) = missing(app, beside.universe).await? {
        line("What nobody has asked for yet is fetched from TMDB while you wait:".to_owned())?;
        line(format!("  curl 'http://{here}/3/person/{person}?api_key=x'"))?;
    }
    line("TMDB goes away, and comes back; the mirror goes on:".to_owned())?;
    for outage in ["\"reset\"", "null"] {
        let body = format!("{{\"faults\":{{\"outage\":{outage}}}}}");
        line(format!("  curl -X POST 'http://{fake}/_fake/faults' -d '{body}'"))?;
    }
    line(String::new())?;
    line(match beside.minutes {
        None => "Ctrl-C ends the demo.".to_owned(),
        Some(1) => "The demo ends in a minute; --minutes says when.".to_owned(),
        Some(minutes) => format!("The demo ends in {minutes} minutes; --minutes says when."),
    })?;
    Ok(())
}

/// Answers, and collects what is asked for, until the end.
async fn run(
    settings: &Settings,
    app: &App,
    server: web::Server,
    minutes: Option<u64>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let options = up::collecting(settings, app);
    let over = stop.child_token();
    let clock = async {
        match minutes {
            Some(minutes) => tokio::time::sleep(Duration::from_secs(minutes * 60)).await,
            None => std::future::pending().await,
        }
        over.cancel();
    };
    let serving = async {
        tokio::join!(collect(&app.pipeline, &options, &Unwatched, &over), server.run(over.clone()))
            .0
    };
    tokio::pin!(serving);
    let collected = tokio::select! {
        collected = serving.as_mut() => collected,
        () = clock => serving.await,
    };
    match collected {
        Err(pipeline::PipelineError::Stopped) => Ok(()),
        ended => ended.map(drop).map_err(Into::into),
    }
}

async fn most_popular(app: &App) -> anyhow::Result<u64> {
    use domain::catalogue::{WorkQuery, WorkSort};
    let sort = WorkSort::Popularity;
    let query = WorkQuery { kind: Some(Kind::Movie), sort, limit: 1, ..WorkQuery::default() };
    let found = app.pipeline.stores.catalog.query(&query).await?;
    Ok(found.works.first().map_or(KNOWN, |work| work.tmdb_id))
}

/// A person at TMDB who is not in the mirror.
async fn missing(app: &App, universe: &Generated) -> anyhow::Result<Option<u64>> {
    for id in 1..1_000 {
        let Ok(key) = Key::new(Kind::Person, id, None, None) else { continue };
        let is_there = universe.detail(key, &fake_tmdb::Query::new(), 0).is_some();
        if is_there && app.pipeline.stores.archive.get(key).await?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

//! `fake-tmdb`: a TMDB of one's own.

use std::sync::Arc;

use anyhow::Context as _;
use domain::TMDB_NOTICE;
use fake_tmdb::dataset::Dataset;
use fake_tmdb::recorded::Recorded;
use fake_tmdb::{Faults, Generated, Limits, Options, Universe};

use super::args::FakeArgs;
use super::{Context, Exit};
use crate::app;

pub(super) async fn fake_tmdb(context: &Context, args: FakeArgs) -> anyhow::Result<Exit> {
    let start = args.date.unwrap_or_else(|| app::clock()().date());
    let mut options = Options::new(universe(&args, start)?);
    options.start = start;
    options.addr = args.addr();
    options.seed = args.seed;
    options.gzip = !args.no_gzip;
    options.key.clone_from(&args.key);
    options.faults = parsed::<Faults>("--faults", args.faults.as_deref())?;
    options.limits = parsed::<Limits>("--limits", args.limits.as_deref())?;
    options.limits.requests_per_second = args.rate.or(options.limits.requests_per_second);
    options.limits.connections = args.connections.or(options.limits.connections);
    let addr = options.addr;
    let server = fake_tmdb::start(options)
        .await
        .with_context(|| format!("could not listen on {addr}; --port chooses another"))?;
    let stop = app::stop_on_signals()?;
    let output = context.output;
    if output.json {
        output.json(&serde_json::json!({
            "api_url": server.api_url(), "files_url": server.files_url(), "images_url": server.images_url(),
        }))?;
    } else {
        output.line(format!(
            "A TMDB of your own listens on http://{}. Point Cinemirror at it:",
            server.addr()
        ))?;
        output.line("")?;
        output.line(format!("  export CINEMIRROR__TMDB__API_URL={}", server.api_url()))?;
        output.line(format!("  export CINEMIRROR__TMDB__FILES_URL={}", server.files_url()))?;
        output.line(format!("  export CINEMIRROR__TMDB__IMAGES_URL={}", server.images_url()))?;
        let key = args.key.as_deref().unwrap_or("0123456789abcdef0123456789abcdef");
        output.line(format!("  export TMDB_API_KEY={key}"))?;
        output.line("")?;
        output.line("Ctrl-C stops it.")?;
        output.line(TMDB_NOTICE)?;
    }
    stop.cancelled().await;
    server.shutdown().await;
    Ok(Exit::Done)
}

fn universe(args: &FakeArgs, start: jiff::civil::Date) -> anyhow::Result<Arc<dyn Universe>> {
    if let Some(dir) = &args.recorded {
        return Ok(Arc::new(Recorded::open(dir)?));
    }
    if let Some(dir) = &args.dataset {
        return Ok(Arc::new(Dataset::open(dir)?));
    }
    Ok(Arc::new(Generated::starting(args.generate.unwrap_or(2_000), args.seed, start)))
}

fn parsed<T: serde::de::DeserializeOwned + Default>(
    flag: &str,
    text: Option<&str>,
) -> anyhow::Result<T> {
    match text {
        Some(text) => serde_json::from_str(text).with_context(|| format!("{flag} is not usable")),
        None => Ok(T::default()),
    }
}

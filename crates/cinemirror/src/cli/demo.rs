//! `demo`: the main job from end to end, with no key and no network.

mod serving;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use domain::catalogue::{WorkQuery, WorkSort};
use domain::filter::Filter;
use domain::sighting::{Export, List};
use domain::{Key, Source, TMDB_NOTICE};
use fake_tmdb::{Generated, Options, Universe};
use pipeline::collect::CollectOptions;
use pipeline::harvest::HarvestPlan;
use pipeline::run::{Collecting, RunPlan};

use super::args::DemoArgs;
use super::{Context, Exit, get, status};
use crate::app::{self, App};
use crate::config::{self, Images, Settings};
use crate::output::{count, duration, size};
use crate::progress::Progress;

/// People are four times as many as movies; the demo collects the popular ones.
const PEOPLE: u64 = 200;

pub(super) async fn demo(context: &Context, args: DemoArgs) -> anyhow::Result<Exit> {
    let output = context.output;
    let (folder, _temporary) = folder(args.keep.as_ref())?;
    let today = app::clock()().date();
    let universe = Arc::new(Generated::starting(args.titles, 1, today));
    let mut options = Options::new(Arc::clone(&universe) as Arc<dyn Universe>);
    options.start = today;
    let server = fake_tmdb::start(options).await?;
    let settings = settings(&server, &folder);
    let say = |text: String| if output.json { Ok(()) } else { output.line(text) };
    say(format!(
        "A TMDB with {} generated movies, their shows and people listens on http://{}.",
        count(args.titles),
        server.addr()
    ))?;
    say(format!("The mirror lies in {}.", folder.display()))?;

    let app = App::start(&settings, "demo").await?;
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let started = app.pipeline.now();
    let mut all = domain::run::RunFigures::default();
    for plan in plans(&app) {
        let ran = pipeline::run::run(&app.pipeline, &plan, &progress, &stop).await;
        progress.finish();
        all += ran?.figures;
    }
    let took = app.pipeline.now().since(started);
    let rate = all.ingested as f64 / took.as_secs_f64().max(0.001);
    say(String::new())?;
    say(format!(
        "Collected {} records with {} calls ({}) in {}: {rate:.0} records a second. {} ids were gone, {} failed.",
        count(all.ingested),
        count(all.calls),
        size(all.bytes),
        duration(took),
        count(all.gone),
        count(all.failed)
    ))?;
    let minutes = serving::minutes(args.minutes);
    show(context, &settings, args.keep.as_ref()).await?;
    if minutes != Some(0) {
        let beside = serving::Beside { fake: &server, universe: &universe, minutes };
        serving::serve(output, &settings, &app, &beside, &stop).await?;
    }
    app.finish().await;
    server.shutdown().await;
    Ok(if all.failed == 0 { Exit::Done } else { Exit::Partly })
}

fn folder(keep: Option<&PathBuf>) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    if let Some(folder) = keep {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not make the folder {}", folder.display()))?;
        return Ok((folder.clone(), None));
    }
    let temporary = tempfile::tempdir().context("could not make a temporary folder")?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}

fn settings(server: &fake_tmdb::Server, folder: &std::path::Path) -> Settings {
    let defaults = Settings::default();
    Settings {
        tmdb: config::Tmdb {
            key: "0123456789abcdef0123456789abcdef".to_owned(),
            api_url: server.api_url(),
            files_url: server.files_url(),
            images_url: server.images_url(),
            ..defaults.tmdb
        },
        store: config::Store { url: store_url(folder) },
        serve: config::Serve { listen: "127.0.0.1:0".to_owned(), ..defaults.serve },
        images: Images { folder: folder.join("images").display().to_string(), ..defaults.images },
        // Nobody else uses this TMDB.
        budget: config::Budget { requests_per_second: 0 },
        ..defaults
    }
}

fn store_url(folder: &std::path::Path) -> String {
    format!("sqlite:{}", folder.join("cinemirror.db").display())
}

/// Titles by the exports, then the most popular people and the lists.
fn plans(app: &App) -> [RunPlan; 2] {
    let collect = CollectOptions { worker: app.worker.clone(), ..CollectOptions::default() };
    let plan = |sources: Vec<Source>, limit| RunPlan {
        name: "demo".to_owned(),
        trigger: "manual".to_owned(),
        harvest: HarvestPlan {
            sources,
            limit,
            filter: Filter::default(),
            ..HarvestPlan::default()
        },
        collect: Collecting::Here(collect.clone()),
    };
    let titles = vec![
        Source::Reference,
        Source::List(List::MoviePopular),
        Source::List(List::TvPopular),
        Source::Export(Export::Movie),
        Source::Export(Export::Tv),
    ];
    let people = vec![Source::List(List::PersonPopular), Source::Export(Export::Person)];
    [plan(titles, None), plan(people, Some(PEOPLE))]
}

async fn show(
    context: &Context,
    settings: &Settings,
    keep: Option<&PathBuf>,
) -> anyhow::Result<()> {
    let output = context.output;
    let store = app::open(settings).await?;
    let stats = store.archive.stats().await?;
    let query = WorkQuery { sort: WorkSort::Popularity, limit: 5, ..WorkQuery::default() };
    let top = store.catalog.query(&query).await?;
    if output.json {
        return output
            .json(&serde_json::json!({"archive": stats, "top": top, "notice": TMDB_NOTICE}));
    }
    output.line("")?;
    status::archive_table(output, &stats)?;
    if let Some(first) = top.works.first() {
        let key: Key = format!("{}/{}", first.kind, first.tmdb_id).parse()?;
        output.line("")?;
        output.line(format!("The most popular of {} titles:", count(top.total)))?;
        output.line("")?;
        get::show(context, &store, key).await?;
    }
    output.line("")?;
    output.line("How to go on:")?;
    match keep {
        Some(folder) => {
            let url = store_url(folder);
            output.line(format!(
                "  cinemirror --store {url} query --type movie --min-votes 100 --sort rating"
            ))?;
            output.line(format!("  cinemirror --store {url} status"))?;
        }
        None => output.line("  cinemirror demo --keep DIR        keep the mirror and query it")?,
    }
    output
        .line("  cinemirror fake-tmdb              a TMDB of your own, with limits and faults")?;
    output.line(
        "  TMDB_API_KEY=… cinemirror doctor  check your own key; then `cinemirror run quick`",
    )?;
    Ok(())
}

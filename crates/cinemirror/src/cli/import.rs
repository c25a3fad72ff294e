//! `import`: records, taken back from packs.

use export::{ImportPlan, Imported, Place};
use pipeline::watch::{Event, Watch};

use super::args::ImportArgs;
use super::export::{asked, stores};
use super::{Context, Exit};
use crate::app;
use crate::output::count;
use crate::progress::Progress;

pub(super) async fn import(context: &Context, args: ImportArgs) -> anyhow::Result<Exit> {
    let options = &context.config.settings.archive.aws.options();
    let (place, only) = if args.from.ends_with(".pb.zst") {
        let (place, name) = asked(Place::of_file(&args.from, options))?;
        (place, Some(name))
    } else {
        (asked(Place::open(&args.from, options))?, None)
    };
    let stores = stores(&context.store_or_new().await?);
    let plan = ImportPlan { now: app::clock()(), kept: context.config.settings.terms.kept() };
    let stop = app::stop_on_signals()?;
    let progress = Progress::new(&context.bars, context.quiet);
    let watch = |records| progress.see(Event::Passed { records });
    let imported = tokio::select! {
        imported = export::import(&stores, &place, only, plan, &watch) => imported,
        () = stop.cancelled() => {
            progress.finish();
            context.output.line("Stopped before the end: what was taken is kept, and the next import goes over it.")?;
            return Ok(Exit::Stopped);
        }
    };
    progress.finish();
    let imported = asked(imported)?;
    if context.output.json {
        context.output.json(&imported)?;
    } else {
        for line in sentences(&imported) {
            context.output.line(line)?;
        }
    }
    let refused = imported.too_old + imported.from_the_future + imported.gone;
    let is_whole = imported.broken.is_empty() && refused == 0;
    Ok(if is_whole { Exit::Done } else { Exit::Partly })
}

fn sentences(imported: &Imported) -> Vec<String> {
    let mut lines = vec![format!(
        "{} {} of {} {}: {} new, {} changed, {} with other figures, {} held already.",
        count(imported.records),
        if imported.records == 1 { "record" } else { "records" },
        count(imported.packs),
        if imported.packs == 1 { "pack" } else { "packs" },
        count(imported.created),
        count(imported.changed),
        count(imported.figures),
        count(imported.unchanged)
    )];
    let mut say = |number: u64, text: &str| {
        if number > 0 {
            lines.push(format!("{} refused: {text}", count(number)));
        }
    };
    say(imported.too_old, "TMDB's terms let nobody keep them any longer.");
    say(imported.from_the_future, "they were fetched after now; is this machine's clock right?");
    say(imported.gone, "they are proven to be gone from TMDB since.");
    for broken in &imported.broken {
        lines.push(format!("Nothing was taken of {}: {}.", broken.file, broken.why));
    }
    lines
}

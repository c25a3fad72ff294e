//! Reads TMDB's paged lists, and what it discovers, in each region and language,
//! and keeps their entries.

use std::time::Duration;

use domain::catalogue::{ListName, ListPage};
use domain::run::RunFigures;
use domain::sighting::List;
use domain::{Kind, Source, Timestamp};
use serde::{Deserialize, Serialize};
use tmdb::discover::Parameters;
use tmdb::page::{ListAnswer, MAX_PAGE};
use tmdb::{PageAt, Question};
use tokio_util::sync::CancellationToken;

use super::asking;
use super::intake::{Intake, Rules};
use crate::error::PipelineError;
use crate::watch::{Event, Watch};

/// A list read half is gone on with for this long; its ranks move.
const RESUME_WITHIN: Duration = Duration::from_hours(6);

/// How far a list has been read, kept after every page.
#[derive(Serialize, Deserialize)]
struct Position {
    page: u32,
    rank: u32,
    at: Timestamp,
}

/// What is read page by page.
#[derive(Clone)]
pub(super) enum Paged {
    List(List),
    Discover(Kind, Parameters),
}

impl Paged {
    fn takes_region(&self) -> bool {
        match self {
            Self::List(list) => list.takes_region(),
            Self::Discover(kind, _) => *kind == Kind::Movie,
        }
    }

    fn question(&self, at: PageAt) -> Question {
        match self {
            Self::List(list) => Question::List { list: *list, at },
            Self::Discover(kind, filters) => {
                Question::Discover { kind: *kind, filters: filters.clone(), at }
            }
        }
    }
}

/// One list in one region and language.
struct Reading {
    paged: Paged,
    name: ListName,
    cursor: String,
}

pub(super) async fn read(
    intake: &mut Intake<'_>,
    source: &Source,
    paged: &Paged,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    for reading in readings(intake, source, paged) {
        if intake.is_full() {
            return Ok(());
        }
        read_one(intake, &reading, watch, stop).await?;
    }
    Ok(())
}

fn readings(intake: &Intake<'_>, source: &Source, paged: &Paged) -> Vec<Reading> {
    let none = vec![String::new()];
    let or_none = |names: &Vec<String>| if names.is_empty() { none.clone() } else { names.clone() };
    let regions = if paged.takes_region() { or_none(&intake.plan.regions) } else { none.clone() };
    let source = source.to_string();
    let mut readings = vec![];
    for region in &regions {
        for language in &or_none(&intake.plan.languages) {
            let name = ListName {
                list: source.clone(),
                region: region.clone(),
                language: language.clone(),
            };
            let mut cursor = format!("list:{source}");
            for part in [region, language].into_iter().filter(|part| !part.is_empty()) {
                cursor.push(':');
                cursor.push_str(part);
            }
            readings.push(Reading { paged: paged.clone(), name, cursor });
        }
    }
    readings
}

async fn read_one(
    intake: &mut Intake<'_>,
    reading: &Reading,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let pipeline = intake.pipeline;
    let ledger = &pipeline.stores.ledger;
    let wanted_pages = intake.plan.pages.clamp(1, MAX_PAGE);
    let mut position = resume(intake, reading).await?;
    while position.page < wanted_pages {
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        let page = position.page + 1;
        let (answer, asked) = ask_page(intake, reading, page, watch, stop).await?;
        let is_last = page >= answer.total_pages.min(wanted_pages);
        let place = Rules::ranked(position.rank);
        let figures = intake.take(&reading.name.list, &answer.sightings, place, asked).await?;
        let now = pipeline.now();
        if !intake.plan.dry_run {
            let entries = ListPage {
                name: reading.name.clone(),
                page,
                first_rank: position.rank + 1,
                keys: answer.sightings.iter().map(|sighting| sighting.key).collect(),
                seen_at: now,
                is_last,
            };
            pipeline.stores.catalog.put_list_page(&entries).await?;
        }
        if intake.cut {
            // Read again from here next time; what is left of the page is wanted.
            return Ok(());
        }
        let seen = u32::try_from(answer.sightings.len()).unwrap_or(u32::MAX);
        position = Position { page, rank: position.rank.saturating_add(seen), at: now };
        let text = serde_json::to_string(&position).ok().filter(|_| !is_last);
        if !intake.plan.dry_run {
            ledger.set_cursor(&reading.cursor, text.as_deref(), now).await?;
        }
        watch.see(Event::SourceRead { source: &reading.name.list, figures });
        if is_last || intake.is_full() {
            break;
        }
    }
    Ok(())
}

/// The page to go on from; page 0 for a fresh start.
async fn resume(intake: &Intake<'_>, reading: &Reading) -> Result<Position, PipelineError> {
    let now = intake.pipeline.now();
    let text = intake.pipeline.stores.ledger.cursor(&reading.cursor).await?;
    let stored = text.and_then(|text| serde_json::from_str::<Position>(&text).ok());
    let recent = stored.filter(|position| {
        now.since(position.at) < RESUME_WITHIN && position.page < intake.plan.pages
    });
    if let Some(position) = &recent {
        tracing::info!(source = %reading.name.list, page = position.page, "going on behind page {}", position.page);
    }
    Ok(recent.unwrap_or(Position { page: 0, rank: 0, at: now }))
}

/// Asks for a page in the reading's region and language.
async fn ask_page(
    intake: &Intake<'_>,
    reading: &Reading,
    page: u32,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(ListAnswer, RunFigures), PipelineError> {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let question = reading.paged.question(PageAt {
        page,
        region: given(&reading.name.region),
        language: given(&reading.name.language),
        timezone: intake.plan.timezone.clone(),
    });
    asking::page(intake, &question, watch, stop).await
}

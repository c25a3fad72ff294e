//! What a plan costs before it runs: calls, time, room, and on AWS money.
//!
//! Everything here is arithmetic on a [`Plan`] and [`Figures`]. A figure knows
//! whether it was measured in the own archive, published by somebody who
//! measured, or assumed; the result carries every figure that it rests on.

mod aws;
mod figures;
mod measure;
mod prices;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::sighting::Recipe;
use domain::staleness::Staleness;
use domain::{Kind, Source};
use serde::Serialize;

pub use aws::{Aws, Bill};
pub use figures::{Ages, Figure, Figures, KindFigures, Origin};
pub use measure::measure;

use crate::harvest::Genres;

/// Rows of a page of a list.
const ROWS: f64 = 20.0;
/// Rows of a page of a change feed.
const CHANGES: f64 = 100.0;
/// The share of the budget that is used in practice (`BENCHMARKS.md`).
const USED: f64 = 0.98;
const SECONDS_A_DAY: f64 = 86_400.0;

/// What is to run, how often, and for whom.
#[derive(Clone, Debug)]
pub struct Plan {
    /// All when empty.
    pub kinds: Vec<Kind>,
    pub sources: Vec<Planned>,
    /// How many regions and languages lists are read in; 0 counts as 1.
    pub regions: usize,
    pub languages: usize,
    pub genres: Genres,
    /// The budget; 0 means no limit.
    pub requests_per_second: u32,
    pub staleness: Staleness,
    /// How long TMDB's terms let anything be kept.
    pub kept_days: u32,
    /// Estimate the bill of AWS too.
    pub on_aws: bool,
}

/// A source, how often a day it is read, and how many pages of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub source: Source,
    pub runs_a_day: f64,
    pub pages: u32,
}

/// Calls a day for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calls {
    pub what: String,
    pub a_day: f64,
    pub how: String,
}

/// Filling the mirror for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FirstCrawl {
    pub titles: f64,
    pub calls: f64,
    /// At the budget; absent without one.
    pub seconds: Option<f64>,
}

/// The records of a kind, once the mirror is full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Room {
    pub kind: Kind,
    pub records: f64,
    pub bytes_each: f64,
    pub bytes: f64,
}

/// What a plan costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub calls: Vec<Calls>,
    pub calls_a_day: f64,
    /// The share of the budget that this takes; above 1 it cannot be done.
    /// Absent without a budget.
    pub budget_share: Option<f64>,
    pub first_crawl: FirstCrawl,
    pub rooms: Vec<Room>,
    pub archive_bytes: f64,
    /// Of the archive: earlier versions.
    pub history_bytes: f64,
    pub catalogue_bytes: f64,
    /// Archive and catalogue in one file.
    pub database_bytes: f64,
    pub aws: Option<Aws>,
    /// Every figure that this rests on.
    pub figures: Vec<Figure>,
}

/// Estimates a plan.
pub fn estimate(plan: &Plan, figures: &Figures) -> Estimate {
    let mut work = Work { plan, figures, used: BTreeMap::new() };
    let held: Vec<Held> = figures.kinds.iter().filter_map(|kind| work.held(kind)).collect();
    let mut calls = work.readings();
    let collecting: Vec<Calls> = held.iter().flat_map(collecting).collect();
    let total = |lines: &[Calls]| lines.iter().map(|line| line.a_day).sum::<f64>();
    let collected_a_day = total(&collecting);
    calls.extend(collecting);
    calls.retain(|line| line.a_day > 0.0);
    let calls_a_day = total(&calls);
    let rate = f64::from(plan.requests_per_second) * USED;
    let has_budget = plan.requests_per_second > 0;
    let crawl: f64 = held.iter().map(|held| held.titles * held.calls_each).sum();
    let room = |held: &Held| {
        let Held { kind, records, bytes, .. } = *held;
        Room { kind, records, bytes_each: bytes, bytes: records * bytes }
    };
    let rooms: Vec<Room> = held.iter().map(room).collect();
    let records_bytes: f64 = rooms.iter().map(|room| room.bytes).sum();
    let versions_a_day: f64 =
        held.iter().map(|held| held.changed_a_day).sum::<f64>() * work.use_(&figures.differing);
    let titles: f64 = held.iter().map(|held| held.titles).sum();
    let mean = if titles > 0.0 { records_bytes / titles } else { 0.0 };
    let history_bytes =
        versions_a_day * f64::from(plan.kept_days) * mean * work.use_(&figures.version_share);
    let archive_bytes = records_bytes + history_bytes;
    let catalogued = held.iter().filter(|held| is_title(held.kind)).map(|held| held.titles);
    let catalogue_bytes = catalogued.sum::<f64>() * work.use_(&figures.catalogue_bytes);
    let new_a_day: f64 = held.iter().map(|held| held.new_a_day).sum();
    let aws = plan.on_aws.then(|| {
        aws::bill(&aws::Use {
            calls_a_day,
            runs_a_day: plan.sources.iter().map(|planned| planned.runs_a_day).sum(),
            rate: if has_budget { rate } else { f64::from(u32::MAX) },
            titles,
            puts_a_day: new_a_day + versions_a_day,
            collected_a_day,
            archive_bytes,
        })
    });
    Estimate {
        calls,
        calls_a_day,
        budget_share: has_budget.then(|| calls_a_day / (rate * SECONDS_A_DAY)),
        first_crawl: FirstCrawl { titles, calls: crawl, seconds: has_budget.then(|| crawl / rate) },
        rooms,
        archive_bytes,
        history_bytes,
        catalogue_bytes,
        database_bytes: archive_bytes + catalogue_bytes,
        aws,
        figures: work.used.into_values().collect(),
    }
}

/// What a mirror will hold of a kind.
struct Held {
    kind: Kind,
    titles: f64,
    calls_each: f64,
    new_a_day: f64,
    changed_a_day: f64,
    refreshed_a_day: f64,
    records: f64,
    bytes: f64,
}

/// An estimate under way, with the figures it has used.
struct Work<'a> {
    plan: &'a Plan,
    figures: &'a Figures,
    used: BTreeMap<String, Figure>,
}

impl Work<'_> {
    /// The value of a figure, which is noted.
    fn use_(&mut self, figure: &Figure) -> f64 {
        self.used.insert(figure.name.clone(), figure.clone());
        figure.value
    }

    /// What there will be of a kind: everything where its export is read, else
    /// what lists show.
    fn held(&mut self, kind: &KindFigures) -> Option<Held> {
        let plan = self.plan;
        if !plan.kinds.is_empty() && !plan.kinds.contains(&kind.kind) {
            return None;
        }
        let exported = plan.sources.iter().any(|planned| {
            matches!(planned.source, Source::Export(export)
                if export.kind() == kind.kind && !export.is_adult())
        });
        let all = self.use_(&kind.titles);
        let new_at_tmdb = self.use_(&kind.new_a_day);
        let (titles, new_a_day) = if exported {
            (all, new_at_tmdb)
        } else {
            let rows = self.rows(kind.kind);
            let turnover = self.figures.turnover.clone();
            let distinct = self.figures.distinct.clone();
            if rows == 0.0 && kind.held == 0.0 {
                return None;
            }
            let listed = if rows > 0.0 { rows * self.use_(&distinct) } else { 0.0 };
            let new = if rows > 0.0 { listed * self.use_(&turnover) } else { 0.0 };
            (listed.max(kind.held).min(all), new)
        };
        let share = (titles / all).min(1.0);
        let follows_changes = plan.sources.iter().any(
            |planned| matches!(planned.source, Source::Changes(feed) if feed.kind() == kind.kind),
        );
        let changed_a_day =
            if follows_changes { self.use_(&kind.changed_a_day) * share } else { 0.0 };
        Some(Held {
            kind: kind.kind,
            titles,
            calls_each: self.use_(&kind.calls),
            new_a_day,
            changed_a_day,
            refreshed_a_day: self.refreshed(kind, titles),
            records: titles * self.use_(&kind.records),
            bytes: self.use_(&kind.bytes),
        })
    }

    /// Rows that the plan's lists show of a kind. A list that is read by several
    /// runs shows those of its deepest reading.
    fn rows(&self, kind: Kind) -> f64 {
        let mut deepest: BTreeMap<&Source, f64> = BTreeMap::new();
        for planned in &self.plan.sources {
            if planned.source.kind().map_or(is_title(kind), |own| own == kind) {
                let rows = self.pages(planned) * ROWS * self.regions(&planned.source);
                let known = deepest.entry(&planned.source).or_default();
                *known = known.max(rows);
            }
        }
        deepest.values().sum()
    }

    fn regions(&self, source: &Source) -> f64 {
        let takes = match source {
            Source::List(list) => list.takes_region(),
            Source::Discover(discover) => discover.kind() == Kind::Movie,
            _ => false,
        };
        if takes { self.plan.regions.max(1) as f64 } else { 1.0 }
    }

    /// Pages of one reading in one region and language.
    fn pages(&self, planned: &Planned) -> f64 {
        let pages = f64::from(planned.pages.min(tmdb::page::MAX_PAGE));
        match &planned.source {
            Source::List(_) => pages,
            Source::Discover(discover) => {
                let genres = match (&discover.recipe, discover.kind()) {
                    (Recipe::Genres, Kind::Movie) => self.plan.genres.movie.len(),
                    (Recipe::Genres, _) => self.plan.genres.tv.len(),
                    (Recipe::Genre(_) | Recipe::Named(_), _) => 1,
                };
                pages * genres as f64
            }
            _ => 0.0,
        }
    }

    /// Calls to read the sources themselves.
    fn readings(&mut self) -> Vec<Calls> {
        let mut lines: Vec<Calls> = vec![];
        for planned in &self.plan.sources {
            let (source, runs) = (&planned.source, planned.runs_a_day);
            let a_run = match source {
                Source::List(_) | Source::Discover(_) => {
                    self.pages(planned) * self.regions(source) * self.plan.languages.max(1) as f64
                }
                Source::Changes(feed) => {
                    let kind = self.figures.kinds.iter().find(|kind| kind.kind == feed.kind());
                    let Some(kind) = kind else { continue };
                    // Each reading overlaps the one before by a day.
                    let days = 1.0 / runs.max(0.001) + 1.0;
                    (self.use_(&kind.changed_a_day) * days / CHANGES).ceil()
                }
                Source::Reference => domain::Reference::ALL.len() as f64,
                Source::Export(_) | Source::Similar | Source::Stale => 0.0,
            };
            let (what, a_day) = (source.to_string(), a_run * runs);
            let how = format!("{a_run:.0} calls {} times a day", short(runs));
            match lines.iter_mut().find(|line| line.what == what) {
                Some(line) => {
                    line.a_day += a_day;
                    line.how = format!("{}, {how}", line.how);
                }
                None => lines.push(Calls { what, a_day, how }),
            }
        }
        lines
    }

    /// Titles that come due a day by their age.
    fn refreshed(&mut self, kind: &KindFigures, titles: f64) -> f64 {
        let rules = &self.plan.staleness;
        // Records come due early by half the jitter on average.
        let early = 1.0 - rules.jitter.clamp(0.0, 0.9) / 2.0;
        let a_day = |count: f64, every: u32| {
            count / (f64::from(every.min(rules.everything_days).max(1)) * early)
        };
        if !is_title(kind.kind) {
            return a_day(titles, rules.others_every_days);
        }
        let mut younger = 0.0;
        let mut due = 0.0;
        for tier in &rules.tiers {
            let within =
                self.use_(&kind.released_within(tier.released_within_days)).clamp(younger, 1.0);
            due += a_day(titles * (within - younger), tier.every_days);
            younger = within;
        }
        due + a_day(titles * (1.0 - younger), rules.older_every_days)
    }
}

/// A change is collected when it is seen and again when its day has closed; see
/// `harvest::changes`.
const ASKED_FOR_A_CHANGE: f64 = 2.0;

/// Calls to collect what sources show.
fn collecting(held: &Held) -> [Calls; 3] {
    let line = |what: &str, titles: f64| Calls {
        what: format!("{what} ({})", held.kind),
        a_day: titles * held.calls_each,
        how: format!("{titles:.0} a day, calls each: {}", short(held.calls_each)),
    };
    // What a feed renews need not be renewed for its age as well.
    let refreshed = (held.refreshed_a_day - held.changed_a_day).max(0.0);
    let mut changed = line("changed", held.changed_a_day * ASKED_FOR_A_CHANGE);
    changed.how =
        format!("{}; each is asked for when seen and when its day has closed", changed.how);
    [line("new", held.new_a_day), changed, line("refresh", refreshed)]
}

/// Two decimals, where there are any.
fn short(number: f64) -> String {
    format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn is_title(kind: Kind) -> bool {
    matches!(kind, Kind::Movie | Kind::Tv)
}

//! Shows how far a use case has come: bars with rate and time left on a
//! terminal, a plain line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::run::RunFigures;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use pipeline::watch::{Event, Watch};

use crate::output::{count, size};

/// A plain line at most this often.
const LINE_EVERY: Duration = Duration::from_secs(5);

pub(crate) struct Progress {
    bars: MultiProgress,
    on_terminal: bool,
    quiet: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bar: Option<ProgressBar>,
    last_line: Option<Instant>,
    queued: u64,
    failed: u64,
}

impl Progress {
    pub(crate) fn new(bars: &MultiProgress, quiet: bool) -> Self {
        let on_terminal = io::stderr().is_terminal();
        Self { bars: bars.clone(), on_terminal, quiet, state: Mutex::default() }
    }

    /// What shows how rows are moved.
    pub(crate) fn watch(self: &Arc<Self>) -> store::portable::Watch {
        let progress = Arc::clone(self);
        Arc::new(move |step| {
            let (rows, bytes) = (count(step.rows), size(step.bytes));
            progress.say(false, || format!("{}: {rows} rows, {bytes} so far", step.table));
        })
    }

    /// Takes the bars away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = self.state().bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Starts a bar of known length, for a collection.
    pub(crate) fn expect(&self, tasks: u64) {
        self.finish();
        self.state().queued = tasks;
        if self.on_terminal && !self.quiet {
            let bar = self.bars.add(ProgressBar::new(tasks));
            let style = "{spinner} collecting {wide_bar} {human_pos}/{human_len} {per_sec:>9} {eta:>6} left {msg}";
            bar.set_style(style_of(style));
            bar.enable_steady_tick(Duration::from_millis(120));
            self.state().bar = Some(bar);
        }
    }

    fn spinner(&self) -> ProgressBar {
        let mut state = self.state();
        let bar = state.bar.get_or_insert_with(|| {
            let bar = self.bars.add(ProgressBar::new_spinner());
            bar.set_style(style_of("{spinner} {msg}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.clone()
    }

    fn say(&self, now: bool, text: impl FnOnce() -> String) {
        if self.quiet {
            return;
        }
        if self.on_terminal {
            self.spinner().set_message(text());
            return;
        }
        let mut state = self.state();
        if now || state.last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            state.last_line = Some(Instant::now());
            drop(state);
            // Progress that nobody can read is no reason to stop.
            drop(writeln!(io::stderr().lock(), "{}", text()));
        }
    }

    fn stored(&self, figures: RunFigures) {
        let done = figures.ingested + figures.gone + figures.failed;
        let bar = self.state().bar.clone().filter(|bar| bar.length().is_some());
        let failed = self.state().failed;
        match bar {
            Some(bar) => {
                if bar.length().is_some_and(|length| length < done) {
                    bar.set_length(done);
                }
                bar.set_position(done);
                bar.set_message(if failed > 0 {
                    format!("({failed} to retry)")
                } else {
                    String::new()
                });
            }
            None => self.say(false, || {
                format!(
                    "collected {} records, {} calls, {}",
                    count(figures.ingested),
                    count(figures.calls),
                    size(figures.bytes)
                )
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn style_of(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Watch for Progress {
    fn see(&self, event: Event<'_>) {
        match event {
            Event::SourceStarted { source } => self.say(false, || format!("reading {source}")),
            Event::SourceRead { source, figures } => {
                let queued = {
                    let mut state = self.state();
                    state.queued += figures.queued;
                    state.queued
                };
                self.say(false, || format!("reading {source}: {} queued so far", count(queued)));
            }
            Event::SourceEnded { .. } | Event::Left { .. } => (),
            Event::SourceFailed { source, why } => {
                self.say(true, || format!("{source} failed: {why}"));
            }
            Event::Stored { figures } => {
                let queued = self.state().queued;
                let collecting =
                    self.state().bar.as_ref().is_some_and(|bar| bar.length().is_some());
                if self.on_terminal && !collecting && !self.quiet {
                    self.expect(queued);
                }
                self.stored(figures);
            }
            Event::Failed { again, .. } => self.state().failed += u64::from(again),
            Event::Held { seconds } => {
                self.say(true, || format!("TMDB asks for patience; waiting {seconds} s"));
            }
            Event::Fetched { images, bytes } => {
                self.say(false, || format!("{} images fetched, {}", count(images), size(bytes)));
            }
            Event::Passed { records } => {
                self.say(false, || format!("{} records done", count(records)));
            }
        }
    }
}

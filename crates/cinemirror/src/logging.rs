//! Logs: human lines on a terminal, JSON elsewhere, never through a progress bar.

use std::io::{self, IsTerminal, Write};

use indicatif::MultiProgress;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Log;

/// Sends logs to standard error, above the bars that stand there.
pub(crate) fn start(log: &Log, level: Option<LevelFilter>, bars: &MultiProgress) {
    let level = level.unwrap_or_else(|| log.level.parse().unwrap_or(LevelFilter::INFO));
    // What libraries say below a warning is of no use to an operator.
    let own = ["cinemirror", "domain", "tmdb", "records", "store", "pipeline", "web", "fake_tmdb"];
    let targets = Targets::new().with_default(level.min(LevelFilter::WARN));
    let targets = targets.with_targets(own.map(|name| (name, level)));
    // Each of its connections complains of a database that is away, and does not say which.
    let is_curious = level > LevelFilter::INFO;
    let of_pool = if is_curious { LevelFilter::WARN } else { level.min(LevelFilter::ERROR) };
    let targets = targets.with_target("deadpool.postgres", of_pool);
    let human = match log.format.as_str() {
        "human" => true,
        "json" => false,
        _ => io::stderr().is_terminal(),
    };
    let writer = AboveBars(bars.clone());
    let registry = tracing_subscriber::registry().with(targets);
    let set = if human {
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(writer)
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .without_time();
        registry.with(layer).try_init()
    } else {
        registry.with(tracing_subscriber::fmt::layer().json().with_writer(writer)).try_init()
    };
    // Only a test sets a subscriber twice, and then the first one will do.
    drop(set);
}

#[derive(Clone)]
struct AboveBars(MultiProgress);

impl Write for AboveBars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().lock().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

impl<'a> MakeWriter<'a> for AboveBars {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

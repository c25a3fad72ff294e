//! One title: one request, further ones for seasons beyond its room, and the
//! bodies as records.

use bytes::Bytes;
use domain::ledger::Drift;
use domain::{Failure, FailureClass, Key, Kind, Record, RunId};
use tmdb::{Outcome, Question, seasons};

use super::label;
use crate::pipeline::Pipeline;
use crate::watch::Watch;

/// What became of one title.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) result: Result<Vec<Record>, Failure>,
    /// Whether TMDB had a body for it, of use or not.
    pub(super) answered: bool,
    pub(super) drift: Vec<Drift>,
    /// `Title (Year)`, where it was wanted and found.
    pub(super) label: Option<String>,
    pub(super) calls: u64,
    pub(super) bytes: u64,
}

/// Asks for a title and converts what came. `with_label` reads its name too.
pub(super) async fn fetch(
    pipeline: &Pipeline,
    key: Key,
    run: Option<RunId>,
    with_label: bool,
    watch: &dyn Watch,
) -> Fetched {
    let (calls, bytes) = (0, 0);
    let mut fetch =
        Fetch { pipeline, run, watch, answered: false, drift: vec![], calls, bytes, label: None };
    let result = fetch.title(key, with_label).await;
    let Fetch { answered, drift, calls, bytes, label, .. } = fetch;
    Fetched { result, answered, drift, label, calls, bytes }
}

struct Fetch<'a> {
    pipeline: &'a Pipeline,
    run: Option<RunId>,
    watch: &'a dyn Watch,
    answered: bool,
    drift: Vec<Drift>,
    label: Option<String>,
    calls: u64,
    bytes: u64,
}

impl Fetch<'_> {
    async fn title(&mut self, key: Key, with_label: bool) -> Result<Vec<Record>, Failure> {
        let question = Question::Detail(key);
        let body = self.ask(&question).await?;
        if with_label {
            self.label = Some(label(key, &body));
        }
        let asked = question.asked();
        if key.kind() == Kind::Tv {
            self.show(key, &asked, &body).await
        } else {
            Ok(vec![self.record(key, &asked, &body)?])
        }
    }

    /// A show and its seasons, each a record of its own.
    async fn show(&mut self, key: Key, asked: &str, body: &Bytes) -> Result<Vec<Record>, Failure> {
        let seasons::Split { title, mut seasons, numbers } = split(asked, body)?;
        let mut have: Vec<u32> = seasons.iter().map(|(number, _)| *number).collect();
        let mut sources = vec![asked.to_owned(); seasons.len()];
        let already = asked_seasons(&Question::Detail(key));
        for numbers in seasons::further(&numbers, &already) {
            let question = Question::Seasons { tv: key.id(), numbers };
            let body = self.ask(&question).await?;
            let asked = question.asked();
            for (number, season) in split(&asked, &body)?.seasons {
                if !have.contains(&number) {
                    have.push(number);
                    seasons.push((number, season));
                    sources.push(asked.clone());
                }
            }
        }
        let mut records = vec![self.record(key, asked, &title)?];
        for ((number, body), asked) in seasons.iter().zip(&sources) {
            records.push(self.record(Key::season(key.id(), *number), asked, body)?);
        }
        Ok(records)
    }

    async fn ask(&mut self, question: &Question) -> Result<Bytes, Failure> {
        let answer = self.pipeline.ask(question, self.run, self.watch).await;
        self.calls += 1;
        self.bytes += answer.bytes;
        match answer.outcome {
            Outcome::Found(body) => {
                self.answered = true;
                Ok(body)
            }
            Outcome::Failed { failure, .. } => Err(failure),
        }
    }

    fn record(&mut self, key: Key, asked: &str, body: &[u8]) -> Result<Record, Failure> {
        let made = records::record(key, body, asked, self.pipeline.now());
        let (record, drift) = made.map_err(|error| {
            Failure::new(FailureClass::Later, format!("{asked}: {error}"), body)
        })?;
        self.drift.extend(drift);
        Ok(record)
    }
}

/// The numbers of the seasons that a question asks along.
fn asked_seasons(question: &Question) -> Vec<u32> {
    let number = |part: &String| part.strip_prefix("season/")?.parse().ok();
    question.parts().iter().filter_map(number).collect()
}

fn split(asked: &str, body: &Bytes) -> Result<seasons::Split, Failure> {
    seasons::split(body)
        .map_err(|error| Failure::new(FailureClass::Later, format!("{asked}: {error}"), body))
}

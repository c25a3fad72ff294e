//! `doctor`: checks what a mirror needs, and says what to do where it lacks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Key, Reference, StoreError, Timestamp};
use serde::Serialize;
use store::Bodies;
use tmdb::{Answer, Outcome, Question};

use super::{Context, Exit, status};
use crate::app::{self, App};
use crate::config::Settings;
use crate::output::{Output, count, size};

/// Clocks that differ by more make a mess of leases and lanes.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(10);

/// A mirror of every movie takes about 18 GB, as `estimate` has it.
const ROOM_WANTED: u64 = 1 << 30;

/// So many bodies are read to see whether they are where they should be.
const BODIES: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    verdict: Verdict,
    found: String,
    /// What to do about it.
    advice: Option<String>,
}

pub(super) async fn doctor(context: &Context) -> anyhow::Result<Exit> {
    let settings = &context.config.settings;
    let mut findings = vec![key(settings)];
    match app::open(settings).await {
        Ok(store) => {
            findings.push(store_health(settings, &store).await);
            findings.push(bodies(settings, &store).await);
            findings.push(budget(settings, &store).await);
        }
        Err(error) => findings.push(Finding {
            what: "store",
            verdict: Verdict::Bad,
            found: format!("{error:#}"),
            advice: Some(by_kind(
                settings,
                "check store.url (or --store, DATABASE_URL) and the folder's permissions",
                "check store.url (or --store, DATABASE_URL), that the server runs and takes \
                 connections from this machine, and that the database and the role exist",
            )),
        }),
    }
    findings.push(disk(settings));
    if findings.iter().all(|finding| finding.verdict != Verdict::Bad) {
        findings.extend(upstream(settings).await?);
    } else {
        findings.push(Finding {
            what: "connection",
            verdict: Verdict::Warning,
            found: "TMDB was not asked".to_owned(),
            advice: Some("mend what is bad above, and ask the doctor again".to_owned()),
        });
    }
    print(context.output, &findings)?;
    let bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    Ok(if bad { Exit::Failed } else { Exit::Done })
}

fn good(what: &'static str, found: impl Into<String>) -> Finding {
    Finding { what, verdict: Verdict::Good, found: found.into(), advice: None }
}

fn key(settings: &Settings) -> Finding {
    match tmdb::Credential::parse(&settings.tmdb.key) {
        Ok(_) => good("key", "is set and looks like one"),
        Err(error) => Finding {
            what: "key",
            verdict: Verdict::Bad,
            found: error.to_string(),
            advice: Some(
                "get one at https://www.themoviedb.org/settings/api and set TMDB_API_KEY; `cinemirror demo` needs none".to_owned(),
            ),
        },
    }
}

async fn store_health(settings: &Settings, store: &store::Store) -> Finding {
    let location = settings.store.shown();
    match store.check().await {
        Ok(health) if health.problems.is_empty() => {
            good("store", format!("{location} is sound, {}", size(health.size_bytes)))
        }
        Ok(health) => Finding {
            what: "store",
            verdict: Verdict::Bad,
            found: format!("{location} is damaged: {}", health.problems.join("; ")),
            advice: Some(by_kind(
                settings,
                "stop every process, copy the file, and restore a backup or start anew",
                "stop every process, and restore a backup",
            )),
        },
        Err(error) => Finding {
            what: "store",
            verdict: Verdict::Bad,
            found: error.to_string(),
            advice: Some(by_kind(
                settings,
                "look at the disk and at who else uses the file",
                "look at the server, its disk and its log",
            )),
        },
    }
}

/// Advice for a file, or for a server.
fn by_kind(settings: &Settings, of_sqlite: &str, of_postgres: &str) -> String {
    if settings.store.is_server() { of_postgres } else { of_sqlite }.to_owned()
}

/// Reads a few records: they may lie elsewhere than their rows.
async fn bodies(settings: &Settings, store: &store::Store) -> Finding {
    let url = &settings.archive.url;
    let place = if url == Bodies::IN_DATABASE { "the database" } else { url };
    let is_away = url.strip_prefix("file://").is_some_and(|folder| !Path::new(folder).is_dir());
    let advice = match read_some(store).await {
        Ok(0) => return good("bodies", format!("none yet; they will lie in {place}")),
        Ok(read) if is_away => {
            return Finding {
                what: "bodies",
                verdict: Verdict::Warning,
                found: format!("{read} were read, from elsewhere: there is no {url} yet"),
                advice: Some(
                    "is a disk not mounted? If the folder is new, nothing is to be done: the \
                     first body makes it"
                        .to_owned(),
                ),
            };
        }
        Ok(read) => return good("bodies", format!("in {place}; {read} were read to see")),
        Err(error @ StoreError::Corrupt(_)) if url != Bodies::IN_DATABASE => (
            error,
            "is archive.url the right place, and is it mounted? `cinemirror archive verify` reads \
             every body, and docs/operations.md says what to do about lost ones",
        ),
        Err(error @ StoreError::Corrupt(_)) => (
            error,
            "`cinemirror archive verify` reads every body, and `archive repair` has those that \
             are damaged collected again",
        ),
        // It says what to set.
        Err(error @ StoreError::Misconfigured(_)) => {
            let found = error.to_string();
            return Finding { what: "bodies", verdict: Verdict::Bad, found, advice: None };
        }
        Err(error) => {
            (error, "check archive.url and the AWS_ variables, and that it can be reached")
        }
    };
    let (error, advice) = advice;
    Finding {
        what: "bodies",
        verdict: Verdict::Bad,
        found: error.to_string(),
        advice: Some(advice.to_owned()),
    }
}

async fn read_some(store: &store::Store) -> Result<usize, StoreError> {
    let heads = store.archive.freshness(None, BODIES).await?;
    let keys: Vec<Key> = heads.into_iter().map(|head| head.key).collect();
    Ok(store.archive.get_all(&keys).await?.into_iter().flatten().count())
}

async fn budget(settings: &Settings, store: &store::Store) -> Finding {
    let limit = settings.budget.requests_per_second;
    let own = settings.tmdb.api_url.contains("themoviedb.org");
    let advice = match limit {
        0 if own => Some("TMDB allows about 40 requests a second; set budget.requests_per_second"),
        41.. if own => Some("TMDB allows about 40 requests a second; expect 429s above that"),
        _ => None,
    };
    let now = app::clock()();
    let found = match store.budget.status(now).await {
        Ok(_) if limit == 0 => "no limit".to_owned(),
        Ok(row) if row.limit != 0 && row.limit != limit => format!(
            "{limit} requests a second here, {} for those that asked last; start them anew",
            row.limit
        ),
        Ok(row) if row.limit != 0 => {
            status::budget_line(&row).trim_start_matches("Budget").trim().to_owned()
        }
        Ok(_) => format!("{limit} requests a second, not used yet"),
        Err(error) => {
            let found = error.to_string();
            return Finding { what: "budget", verdict: Verdict::Bad, found, advice: None };
        }
    };
    let verdict = if advice.is_some() { Verdict::Warning } else { Verdict::Good };
    Finding { what: "budget", verdict, found, advice: advice.map(str::to_owned) }
}

fn disk(settings: &Settings) -> Finding {
    let Some(path) = settings.store.url.strip_prefix("sqlite:") else {
        return good("disk", "the database's own machine has it");
    };
    let parent = Path::new(path).parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.map_or_else(|| PathBuf::from("."), Path::to_owned);
    match rustix::fs::statvfs(&folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let found = format!("{} free in {}", size(free), folder.display());
            if free >= ROOM_WANTED {
                return good("disk", found);
            }
            let advice = format!(
                "every movie takes about 18 GB (`cinemirror estimate` says what yours takes); make room, or mirror less (harvest.min_popularity); {} is the least to start with",
                size(ROOM_WANTED)
            );
            Finding { what: "disk", verdict: Verdict::Warning, found, advice: Some(advice) }
        }
        Err(error) => Finding {
            what: "disk",
            verdict: Verdict::Warning,
            found: format!("could not look at {}: {error}", folder.display()),
            advice: None,
        },
    }
}

/// Asks TMDB one small question: is it there, does it take the key, do the clocks agree?
async fn upstream(settings: &Settings) -> anyhow::Result<Vec<Finding>> {
    let app = App::start(settings, "doctor").await?;
    let question = Question::Detail(Key::reference(Reference::Configuration));
    let answer = app.pipeline.probe(&question).await;
    let now = app.pipeline.now();
    app.finish().await;
    let mut findings = vec![connection(settings, &answer)];
    findings.extend(answer.server_time.map(|theirs| clock(now, theirs)));
    Ok(findings)
}

fn connection(settings: &Settings, answer: &Answer) -> Finding {
    let url = &settings.tmdb.api_url;
    match &answer.outcome {
        Outcome::Found(_) => good(
            "connection",
            format!("{url} answers in {} ms and takes the key", answer.took.as_millis()),
        ),
        Outcome::Failed { failure, .. } => Finding {
            what: "connection",
            verdict: Verdict::Bad,
            found: failure.message.clone(),
            advice: Some(if answer.status.is_none() {
                format!("is {url} right (tmdb.api_url), and can this machine reach it?")
            } else {
                "see https://status.themoviedb.org, and the key at https://www.themoviedb.org/settings/api".to_owned()
            }),
        },
    }
}

fn clock(ours: Timestamp, theirs: Timestamp) -> Finding {
    let apart = ours.since(theirs).max(theirs.since(ours));
    let found = format!("{} s apart from TMDB's", count(apart.as_secs()));
    if apart <= CLOCK_TOLERANCE {
        return good("clock", found);
    }
    let advice = Some("let NTP set this machine's clock; leases and refreshes go by it".to_owned());
    Finding { what: "clock", verdict: Verdict::Warning, found, advice }
}

fn print(output: Output, findings: &[Finding]) -> anyhow::Result<()> {
    if output.json {
        return output.json(&findings);
    }
    for finding in findings {
        let mark = match finding.verdict {
            Verdict::Good => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Bad => "bad    ",
        };
        output.line(format!("{mark}  {:<11} {}", finding.what, finding.found))?;
        if let Some(advice) = &finding.advice {
            output.line(format!("{:22}{advice}", ""))?;
        }
    }
    Ok(())
}

//! Serving: how late answers of a large mirror are, how many there can be, and what a missing
//! title costs TMDB.

mod load;
mod mirror;
mod processors;
mod served;

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::process::{Fake, Folder, binary, cinemirror};
use super::table::Row;
use crate::command::{root, run};
use load::Met;
use mirror::Mirror;
use served::Served;

/// `CINEMIRROR_BENCH_TITLES` says otherwise.
const TITLES: u64 = 1_000_000;

const RATE: u32 = 1_000;

/// Seconds at that rate, as often as there are turns.
const SECONDS: u32 = 10;
const APPENDED: &str = "append_to_response=credits,videos,images&api_key=x";

/// The mirror and a static body turn by turn, so that both meet the machine in the same state.
const TURNS: u32 = 4;
const TURN: Duration = Duration::from_secs(8);

/// Of the same before it is measured, as a server that runs has met it; minute by minute.
const BEFORE: u32 = 10;
const MINUTE: Duration = Duration::from_mins(1);

const AT_ONCE: usize = 1_000;

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    let titles = std::env::var_os("CINEMIRROR_BENCH_TITLES");
    let titles = titles.and_then(|text| text.to_str()?.parse().ok()).unwrap_or(TITLES);
    run("cargo build --release --locked -p web --example still")?;
    let mirror = mirror::of(titles)?;
    let mut rows = latencies(&mirror)?;
    rows.push(throughput(&mirror, &uniform(&mirror), UNIFORM)?);
    rows.push(throughput(&mirror, &skewed(&mirror), SKEWED)?);
    rows.push(missing()?);
    Ok(rows)
}

/// Every id as likely as any other, and a few much likelier than most.
fn latencies(mirror: &Mirror) -> anyhow::Result<Vec<Row>> {
    let served = serve(mirror, &[])?;
    let count = u64::from(RATE * SECONDS);
    // Others than those that are measured: what is measured is asked for once.
    let others = uniform(mirror);
    let before = |number: u64| others(u64::MAX - number);
    let still = still(&load::at_rate(served.address, &before, RATE, count)?)?;
    let measure = |paths: load::Paths<'_>, how: &str| -> anyhow::Result<Row> {
        let (mut ours, mut stills) = (Met::default(), Met::default());
        for turn in 0..u64::from(TURNS) {
            warm(mirror)?;
            let asked = |number: u64| paths(turn * count + number);
            ours.add(load::at_rate(served.address, &asked, RATE, count)?);
            stills.add(load::at_rate(still.address, &STILL, RATE, count)?);
        }
        Ok(late(mirror, how, &ours, &stills))
    };
    Ok(vec![measure(&uniform(mirror), UNIFORM)?, measure(&skewed(mirror), SKEWED)?])
}

/// Has the file read, as a server that runs has after a while. A system may drop again what
/// is not read for a minute.
fn warm(mirror: &Mirror) -> anyhow::Result<()> {
    let mut file = std::fs::File::open(mirror.folder.join("cinemirror.db"))?;
    std::io::copy(&mut file, &mut std::io::sink())?;
    Ok(())
}

const UNIFORM: &str = "all ids equally likely";
const SKEWED: &str = "popular ids likelier (Zipf, exponent 1)";

fn uniform(mirror: &Mirror) -> impl Fn(u64) -> String + Sync {
    move |number| path(&mirror.ids, share(number))
}

/// With an exponent of 1 an id's likelihood falls with its place: of a million, the first
/// thousand take half.
fn skewed(mirror: &Mirror) -> impl Fn(u64) -> String + Sync {
    let ids = &mirror.ids;
    move |number| {
        let place = (ids.len() as f64).powf(share(number)) - 1.0;
        path(ids, place / ids.len() as f64)
    }
}

fn late(mirror: &Mirror, how: &str, met: &Met, stills: &Met) -> Row {
    let millis = |met: &Met, share: f64| met.quantile(share).as_secs_f64() * 1e3;
    let (middle, late, last) = (millis(met, 0.5), millis(met, 0.99), millis(met, 1.0));
    let (titles, still) = (mirror.ids.len(), millis(stills, 0.99));
    Row {
        what: format!(
            "`GET /3/movie/{{id}}` with 3 appends at {RATE} a second for {TURNS} times {SECONDS} s, mirror of {titles} titles in SQLite, its file in memory, {how}; between them a static body of as many bytes"
        ),
        bar: "99 of 100 within 5 ms".to_owned(),
        measured: format!(
            "p99 {late:.2} ms, of the static body {still:.2}; median {middle:.2} ms, longest {last:.1} ms; {:.0} kB each; {}",
            met.size() as f64 / 1e3,
            stolen(met)
        ),
        ratio: format!("{:.2} of the bar", late / 5.0),
        reached: late <= 5.0,
    }
}

fn stolen(met: &Met) -> String {
    met.stolen().map_or_else(
        || "nobody counts what the host gave to others".to_owned(),
        |share| format!("the host gave {:.1} % of the processors to others", share * 100.0),
    )
}

/// The same server with a body that never changes, of the size that the mirror's have.
fn still(sample: &Met) -> anyhow::Result<Served> {
    let mut command = Command::new(root().join("target/release/examples/still"));
    command.arg(sample.size().to_string());
    Served::start(command)
}

/// The path of that body.
const STILL: fn(u64) -> String = |_| "/still".to_owned();

/// As many as it can, and as many of the static body.
fn throughput(mirror: &Mirror, paths: load::Paths<'_>, how: &str) -> anyhow::Result<Row> {
    let served = serve(mirror, &["-q"])?;
    let mut asked = 0;
    // One goes on where the one before it ended: nothing is asked again but by chance.
    let mut ask = |lasting: Duration| -> anyhow::Result<Met> {
        warm(mirror)?;
        let met = load::flat_out(served.address, &|number| paths(asked + number), lasting)?;
        // Some numbers were given out at its end and not asked.
        asked += met.answers() + 100;
        Ok(met)
    };
    let mut sample = Met::default();
    for _ in 0..BEFORE {
        sample = ask(MINUTE)?;
    }
    let still = still(&sample)?;
    let (mut ours, mut stills) = (Met::default(), Met::default());
    let mut shares = vec![];
    for _ in 0..TURNS {
        let (one, other) = (ask(TURN)?, load::flat_out(still.address, &STILL, TURN)?);
        shares.push(one.rate() / other.rate());
        ours.add(one);
        stills.add(other);
    }
    ensure!(ours.size().abs_diff(stills.size()) * 20 < stills.size(), "the sizes differ");
    shares.sort_by(f64::total_cmp);
    let ratio = ours.rate() / stills.rate();
    Ok(Row {
        what: format!(
            "as many of the same as it can, the file in memory, {how}, after {BEFORE} minutes of it, and between them a static body of {:.0} kB ({TURNS} turns, the asking on the same cores)",
            stills.size() as f64 / 1e3
        ),
        bar: "at least half of the static body's".to_owned(),
        measured: format!(
            "{:.0} a second; static {:.0}; {}",
            ours.rate(),
            stills.rate(),
            stolen(&ours)
        ),
        ratio: format!(
            "{ratio:.2} of the static body's ({:.2} to {:.2})",
            shares[0],
            shares[shares.len() - 1]
        ),
        reached: ratio >= 0.5,
    })
}

/// Many who ask at once for what is not in the mirror.
fn missing() -> anyhow::Result<Row> {
    // Slow enough that all have asked before TMDB answers.
    let slow = r#"{"latency":{"median_ms":1500,"p95_ms":1500}}"#;
    let fake = Fake::start(&["--generate", "1000", "--faults", slow])?;
    let folder = Folder::new("missing")?;
    let mut command = cinemirror(&fake, &folder.0, 0, &["up"]);
    command.env("CINEMIRROR__SCHEDULE__PRESET", "none");
    command.env("CINEMIRROR__SERVE__LISTEN", "127.0.0.1:0");
    let served = Served::start(command)?;
    let wanted = (1..=200).find(|id| is_there(&fake, *id)).context("no movie is there")?;
    fake.order("stats/reset")?;
    let path = format!("/3/movie/{wanted}?{APPENDED}");
    let statuses = load::at_once(served.address, &path, AT_ONCE)?;
    let found = statuses.iter().filter(|status| **status == 200).count();
    let stats = fake.stats()?;
    let calls: u64 = stats["endpoints"]["movie/{id}"]
        .as_object()
        .map_or(0, |statuses| statuses.values().filter_map(serde_json::Value::as_u64).sum());
    Ok(Row {
        what: format!("{AT_ONCE} equal requests at once for a title that is not in the mirror"),
        bar: "one upstream call".to_owned(),
        measured: format!("{calls} upstream calls, {found} answers with the title"),
        ratio: format!("{calls} calls"),
        reached: calls == 1 && found == AT_ONCE,
    })
}

fn is_there(fake: &Fake, id: u64) -> bool {
    let asked = format!("/3/movie/{id}?api_key=0123456789abcdef0123456789abcdef");
    fake.get(&asked).is_ok()
}

fn serve(mirror: &Mirror, flags: &[&str]) -> anyhow::Result<Served> {
    let mut command = Command::new(binary());
    command
        .current_dir(&mirror.folder)
        .env("DATABASE_URL", mirror::store_url(&mirror.folder))
        .env("CINEMIRROR__SERVE__LISTEN", "127.0.0.1:0")
        .args(flags)
        .args(["--json", "serve"]);
    Served::start(command)
}

fn path(ids: &[u64], share: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length is a place"
    )]
    let place = (ids.len() as f64 * share) as usize;
    format!("/3/movie/{}?{APPENDED}", ids[place.min(ids.len() - 1)])
}

/// A number from 0 to 1 that follows from another, and looks like chance.
fn share(number: u64) -> f64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

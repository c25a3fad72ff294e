//! Prints what it costs to tell versions apart, and what an older version weighs as a patch.
//!
//! `cargo run --release -p records --example versions`, where the recorded bodies are at hand.
//! With `--figures`, only the average share of a patch, for `cargo xtask bench`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use domain::{Key, Kind, Timestamp};
use records::Packer;
use serde_json::Value;

use altered::{change, leaves};

#[path = "../tests/it/altered.rs"]
mod altered;
#[path = "../tests/it/bodies.rs"]
mod bodies;
#[path = "sizes/training.rs"]
mod training;

/// Changes tried on each body.
const CHANGES: usize = 20;
const ROUNDS: usize = 20;

struct Sample {
    name: String,
    key: Key,
    json: Vec<u8>,
    body: Vec<u8>,
}

/// Older versions' bytes, as patches and as full records.
#[derive(Default)]
struct Row {
    versions: usize,
    patches: usize,
    packed: usize,
    /// The sum of each version's share.
    shares: f64,
    /// How many cost more than a quarter.
    large: usize,
}

impl Row {
    fn add(&mut self, patch: usize, packed: usize) {
        let share = patch as f64 / packed as f64;
        self.versions += 1;
        self.patches += patch;
        self.packed += packed;
        self.shares += share;
        self.large += usize::from(share > 0.25);
    }

    fn average(&self) -> f64 {
        self.shares / self.versions.max(1) as f64
    }
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(corpus) = bodies::corpus() else { return Ok(()) };
    let mut samples = Vec::new();
    for (key, body) in bodies::details(&corpus) {
        if key.kind() == Kind::Reference {
            continue;
        }
        let encoded = records::encode(key, &body.json)?;
        samples.push(Sample { name: body.name, key, json: body.json, body: encoded.body.into() });
    }
    let all: Vec<_> = bodies::recorded(&corpus).into_iter().map(|body| body.json).collect();
    let packers = [Packer::new(Vec::new()), training::packer(&corpus, &all)?];
    let [plain, trained] = changes(&samples, &packers)?;
    if std::env::args().any(|argument| argument == "--figures") {
        println!("patch {:.4}", total(&trained).average());
        return Ok(());
    }
    println!("a version that changes one value, as a share of its packed record");
    for (note, rows) in [("", &plain), (" with dictionary", &trained)] {
        for (kind, row) in rows {
            print_row(&format!("{kind}{note}"), row);
        }
        print_row(&format!("all{note}"), &total(rows));
    }
    println!("2025-12 as a patch on 2026-06");
    for (note, packer) in ["", " with dictionary"].iter().zip(&packers) {
        print_row(&format!("recorded{note}"), &recorded(&samples, packer)?);
    }
    speeds(&samples)
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn print_row(name: &str, row: &Row) {
    println!(
        "{name:<28}{:>6} versions{:>9} of {:>9} bytes{:>8.2} % of all{:>8.2} % on average{:>6} above 25 %",
        row.versions,
        row.patches,
        row.packed,
        row.patches as f64 / row.packed as f64 * 100.0,
        row.average() * 100.0,
        row.large,
    );
}

fn total(rows: &BTreeMap<Kind, Row>) -> Row {
    let mut all = Row::default();
    for row in rows.values() {
        all.versions += row.versions;
        all.patches += row.patches;
        all.packed += row.packed;
        all.shares += row.shares;
        all.large += row.large;
    }
    all
}

/// Changes one value at a time, and weighs what was before with each packer.
fn changes(
    samples: &[Sample],
    packers: &[Packer; 2],
) -> Result<[BTreeMap<Kind, Row>; 2], Box<dyn std::error::Error>> {
    let mut rows = [BTreeMap::new(), BTreeMap::new()];
    for sample in samples {
        let kind = sample.key.kind();
        let value: Value = serde_json::from_slice(&sample.json)?;
        let all = leaves(&value);
        let packed = packers.each_ref().map(|packer| packer.pack(kind, &sample.body).len());
        for at in (0..all).step_by(all / CHANGES + 1) {
            let mut changed = value.clone();
            change(&mut changed, &mut { at });
            let newer = records::encode(sample.key, changed.to_string().as_bytes())?.body;
            let patch = patch_bytes(&newer, &sample.body)?;
            for (rows, packed) in rows.iter_mut().zip(packed) {
                rows.entry(kind).or_insert_with(Row::default).add(patch, packed);
            }
        }
    }
    Ok(rows)
}

fn recorded(samples: &[Sample], packer: &Packer) -> Result<Row, Box<dyn std::error::Error>> {
    let mut row = Row::default();
    for older in samples {
        let name = older.name.replace("@2025-12", "@2026-06");
        let newer = samples.iter().find(|newer| newer.name == name && newer.key == older.key);
        let Some(newer) = newer.filter(|newer| newer.body != older.body) else { continue };
        let packed = packer.pack(older.key.kind(), &older.body).len();
        row.add(patch_bytes(&newer.body, &older.body)?, packed);
    }
    Ok(row)
}

fn patch_bytes(newer: &[u8], older: &[u8]) -> Result<usize, records::PatchError> {
    let patch = records::patch(newer, older);
    assert_eq!(records::unpatch(newer, &patch, older.len())?, older);
    Ok(patch.len())
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn speeds(samples: &[Sample]) -> Result<(), Box<dyn std::error::Error>> {
    let bytes: usize = samples.iter().map(|sample| sample.json.len()).sum();
    println!("{} bodies of {} bytes of JSON on average", samples.len(), bytes / samples.len());
    let mut of_record = 0.0;
    let mut print = |what: &str, run: &mut dyn FnMut(&Sample)| {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            samples.iter().for_each(&mut *run);
        }
        let micros = start.elapsed().as_secs_f64() * 1e6 / (ROUNDS * samples.len()) as f64;
        of_record = if what == "record" { micros } else { of_record };
        println!("{what:<14}{micros:>8.2} µs{:>8.1} % of record", micros / of_record * 100.0);
    };
    print("record", &mut |it| {
        drop(black_box(records::record(it.key, &it.json, "", Timestamp::default())));
    });
    print("blake3 of all", &mut |it| _ = black_box(blake3::hash(&it.body)));
    print("steady_hash", &mut |it| _ = black_box(records::steady_hash(it.key, &it.body)));
    print("outline", &mut |it| drop(black_box(records::outline(it.key, &it.body))));
    let pairs: Vec<_> = samples
        .iter()
        .map(|it| {
            let mut changed: Value = serde_json::from_slice(&it.json)?;
            let middle = leaves(&changed) / 2;
            change(&mut changed, &mut { middle });
            let newer = records::encode(it.key, changed.to_string().as_bytes())?.body;
            let patch = records::patch(&newer, &it.body);
            Ok((it.name.as_str(), newer, patch))
        })
        .collect::<Result<_, Box<dyn std::error::Error>>>()?;
    let of: BTreeMap<&str, _> =
        pairs.iter().map(|(name, newer, patch)| (*name, (newer, patch))).collect();
    print("patch", &mut |it| drop(black_box(records::patch(of[it.name.as_str()].0, &it.body))));
    print("unpatch", &mut |it| {
        let (newer, patch) = of[it.name.as_str()];
        drop(black_box(records::unpatch(newer, patch, it.body.len())));
    });
    Ok(())
}

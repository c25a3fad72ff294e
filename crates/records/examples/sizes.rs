//! Prints what real bodies weigh: as JSON, under gzip, as records, with a dictionary.
//!
//! `cargo run --release -p records --example sizes`, where the recorded bodies are at hand.
//! With `--figures`, only two shares of gzip's bytes, for `cargo xtask bench`.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use domain::{Key, Kind};
use records::Packer;

#[path = "../tests/it/bodies.rs"]
mod bodies;
#[path = "sizes/training.rs"]
mod training;

#[derive(Default)]
struct Row {
    bodies: usize,
    json: usize,
    gzip: usize,
    protobuf: usize,
    packed: usize,
    /// Packed with a dictionary that was trained on other titles.
    with_dictionary: usize,
}

impl Row {
    /// Bytes as a share of gzip's.
    fn share(&self, bytes: usize) -> f64 {
        bytes as f64 / self.gzip as f64
    }
}

struct Sample {
    name: String,
    key: Key,
    json: Vec<u8>,
    body: Vec<u8>,
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(corpus) = bodies::corpus() else { return Ok(()) };
    let mut samples = Vec::new();
    let mut total = 0;
    for (key, body) in bodies::details(&corpus) {
        let encoded = records::encode(key, &body.json)?;
        total += body.json.len();
        samples.push(Sample { name: body.name, key, json: body.json, body: encoded.body.into() });
    }
    let measured: Vec<_> = bodies::recorded(&corpus).into_iter().map(|body| body.json).collect();
    let trained = training::packer(&corpus, &measured)?;
    let plain = Packer::new(Vec::new());
    let mut rows: BTreeMap<Kind, Row> = BTreeMap::new();
    for sample in &samples {
        let kind = sample.key.kind();
        let packed = plain.pack(kind, &sample.body);
        assert_eq!(plain.unpack(kind, &packed)?, sample.body, "{}", sample.name);
        let smaller = trained.pack(kind, &sample.body);
        assert_eq!(trained.unpack(kind, &smaller)?, sample.body, "{}", sample.name);
        let row = rows.entry(kind).or_default();
        row.bodies += 1;
        row.json += sample.json.len();
        row.gzip += gzip(&sample.json)?;
        row.protobuf += sample.body.len();
        row.packed += packed.len();
        row.with_dictionary += smaller.len();
    }
    let mut all = Row::default();
    for row in rows.iter().filter(|(kind, _)| **kind != Kind::Reference).map(|(_, row)| row) {
        all.bodies += row.bodies;
        all.json += row.json;
        all.gzip += row.gzip;
        all.protobuf += row.protobuf;
        all.packed += row.packed;
        all.with_dictionary += row.with_dictionary;
    }
    if std::env::args().any(|argument| argument == "--figures") {
        println!("plain {:.3}", all.share(all.packed));
        println!("dictionary {:.3}", all.share(all.with_dictionary));
        return Ok(());
    }
    println!(
        "kind        bodies       JSON       gzip   protobuf     packed   %gzip  dictionary   %gzip"
    );
    for (kind, row) in &rows {
        print_row(kind.as_str(), row);
    }
    print_row("titles etc.", &all);
    speeds(&samples, &plain, "", total)?;
    speeds(&samples, &trained, " with dictionary", total)
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn print_row(name: &str, row: &Row) {
    let share = |bytes| row.share(bytes) * 100.0;
    println!(
        "{name:<12}{:>6}{:>11}{:>11}{:>11}{:>11}{:>8.1}{:>12}{:>8.1}",
        row.bodies,
        row.json,
        row.gzip,
        row.protobuf,
        row.packed,
        share(row.packed),
        row.with_dictionary,
        share(row.with_dictionary),
    );
}

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn speeds(
    samples: &[Sample],
    packer: &Packer,
    note: &str,
    total: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let rate = |start: Instant, rounds: usize| {
        (total * rounds) as f64 / start.elapsed().as_secs_f64() / 1e6
    };
    if note.is_empty() {
        let start = Instant::now();
        for _ in 0..10 {
            for sample in samples {
                std::hint::black_box(records::encode(sample.key, &sample.json)?);
            }
        }
        println!("JSON to protobuf: {:.0} MB/s of JSON", rate(start, 10));
        let start = Instant::now();
        for _ in 0..10 {
            for sample in samples {
                std::hint::black_box(records::body_to_json(sample.key, &sample.body)?);
            }
        }
        println!("protobuf to JSON: {:.0} MB/s of JSON", rate(start, 10));
    }
    let start = Instant::now();
    let packed: Vec<_> = samples.iter().map(|s| packer.pack(s.key.kind(), &s.body)).collect();
    println!("packing{note}: {:.0} MB/s of JSON", rate(start, 1));
    let start = Instant::now();
    for (sample, packed) in samples.iter().zip(&packed) {
        std::hint::black_box(packer.unpack(sample.key.kind(), packed)?);
    }
    println!("unpacking{note}: {:.0} MB/s of JSON", rate(start, 1));
    Ok(())
}

fn gzip(bytes: &[u8]) -> std::io::Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

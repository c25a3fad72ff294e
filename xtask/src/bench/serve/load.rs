//! Asks a server over HTTP, at a fixed rate or as fast as it answers, and keeps every latency.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use super::processors::Processors;

/// So many connections ask at the same time; each is a thread that mostly waits.
const CONNECTIONS: usize = 32;

/// A thread does little and needs little.
const STACK: usize = 256 << 10;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The path of each request, by its number.
pub(super) type Paths<'a> = &'a (dyn Fn(u64) -> String + Sync);

/// What a load met with.
#[derive(Default)]
pub(super) struct Met {
    /// Of each answer.
    latencies: Vec<Duration>,
    bytes: u64,
    took: Duration,
    processors: Processors,
}

impl Met {
    /// The latency that so large a share stays within.
    pub(super) fn quantile(&self, share: f64) -> Duration {
        let place = (self.latencies.len() as f64 * share).ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length is a place"
        )]
        let place = place as usize;
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        latencies.get(place - 1).copied().unwrap_or_default()
    }

    /// Another turn of the same.
    pub(super) fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.bytes += other.bytes;
        self.took += other.took;
        self.processors += other.processors;
    }

    /// Bytes of an answer's body, on average.
    pub(super) fn size(&self) -> u64 {
        self.bytes / self.answers().max(1)
    }

    /// The share of the processors' time that the host gave to others meanwhile.
    pub(super) fn stolen(&self) -> Option<f64> {
        self.processors.stolen()
    }

    pub(super) fn answers(&self) -> u64 {
        self.latencies.len() as u64
    }

    pub(super) fn rate(&self) -> f64 {
        self.answers() as f64 / self.took.as_secs_f64().max(0.001)
    }
}

/// Asks `count` times at a fixed rate, whether or not the answers keep up.
///
/// A latency counts from the instant at which its request was due, so that one
/// that had to wait for a slow answer before it is slow itself.
pub(super) fn at_rate(
    server: SocketAddr,
    paths: Paths<'_>,
    rate: u32,
    count: u64,
) -> anyhow::Result<Met> {
    let started = Instant::now();
    let due = |number: u64| started + Duration::from_secs(1).mul_f64(number as f64) / rate;
    drive(server, CONNECTIONS, |number| {
        let due = due(number);
        (number < count).then(|| (paths(number), due))
    })
}

/// Asks as fast as answers come, for a while.
pub(super) fn flat_out(
    server: SocketAddr,
    paths: Paths<'_>,
    lasting: Duration,
) -> anyhow::Result<Met> {
    let end = Instant::now() + lasting;
    drive(server, CONNECTIONS / 2, |number| {
        let now = Instant::now();
        (now < end).then(|| (paths(number), now))
    })
}

/// Asks the same of so many connections at once.
pub(super) fn at_once(server: SocketAddr, path: &str, count: usize) -> anyhow::Result<Vec<u16>> {
    let asked = std::thread::scope(|scope| {
        let ask = || -> anyhow::Result<u16> { Ok(Connection::open(server)?.ask(path)?.status) };
        let threads = (0..count).map(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, ask));
        let threads: Vec<_> = threads.collect::<Result<_, _>>()?;
        let joined = threads.into_iter().map(|it| it.join().expect("asking does not panic"));
        joined.collect::<anyhow::Result<Vec<u16>>>()
    });
    asked.context("not every request was answered")
}

/// Hands out the requests, from 0 on, until there are no more.
fn drive(
    server: SocketAddr,
    connections: usize,
    next: impl Fn(u64) -> Option<(String, Instant)> + Sync,
) -> anyhow::Result<Met> {
    let (number, started) = (AtomicU64::new(0), Instant::now());
    let before = Processors::now();
    let one = || -> anyhow::Result<Met> {
        let mut connection = Connection::open(server)?;
        let mut met = Met::default();
        while let Some((path, due)) = next(number.fetch_add(1, Ordering::Relaxed)) {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let answer = connection.ask(&path)?;
            ensure!(answer.status == 200, "{path} was answered with {}", answer.status);
            met.latencies.push(due.elapsed());
            met.bytes += answer.bytes;
        }
        Ok(met)
    };
    let mut all = Met::default();
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let threads =
            (0..connections).map(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, one));
        let threads: Vec<_> = threads.collect::<Result<_, _>>()?;
        for thread in threads {
            all.add(thread.join().expect("asking does not panic")?);
        }
        Ok(())
    })?;
    all.took = started.elapsed();
    all.processors = Processors::now() - before;
    ensure!(!all.latencies.is_empty(), "nothing was asked");
    Ok(all)
}

struct Answer {
    status: u16,
    /// Of its body.
    bytes: u64,
}

/// HTTP/1.1, as little of it as a server of ours needs.
struct Connection {
    stream: TcpStream,
    server: SocketAddr,
    read: Vec<u8>,
}

impl Connection {
    fn open(server: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, server, read: vec![] })
    }

    fn ask(&mut self, path: &str) -> anyhow::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.server);
        self.stream.write_all(request.as_bytes())?;
        self.read.clear();
        let head = loop {
            self.more()?;
            let end = self.read.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end;
            }
        };
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        let status = text.get(9..12).and_then(|code| code.parse().ok()).context("no HTTP")?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let Some(bytes) = length.and_then(|length| length.parse::<u64>().ok()) else {
            bail!("{path} was answered without a length: {text}");
        };
        while ((self.read.len() - head - 4) as u64) < bytes {
            self.more()?;
        }
        Ok(Answer { status, bytes })
    }

    /// Reads what has come.
    fn more(&mut self) -> anyhow::Result<()> {
        let mut buffer = [0; 16 << 10];
        let count = self.stream.read(&mut buffer)?;
        ensure!(count > 0, "the server hung up");
        self.read.extend_from_slice(&buffer[..count]);
        Ok(())
    }
}

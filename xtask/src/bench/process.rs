//! The processes that take part: a fake TMDB, a collector, and how much memory they took.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::command::root;

pub(crate) fn binary() -> PathBuf {
    root().join("target/release/cinemirror")
}

/// A folder that is gone when this is dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> anyhow::Result<Self> {
        let path =
            std::env::temp_dir().join(format!("cinemirror-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A running fake TMDB; killed when dropped.
pub(crate) struct Fake {
    child: Child,
    pub(crate) api_url: String,
    pub(crate) files_url: String,
}

impl Fake {
    pub(crate) fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(binary())
            .args(["fake-tmdb", "--port", "0", "--json", "-q"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start the fake TMDB")?;
        let output = child.stdout.take().context("it has no output")?;
        let mut text = String::new();
        for line in BufReader::new(output).lines() {
            text.push_str(&line?);
            if text.ends_with('}') {
                break;
            }
        }
        let urls: Value = serde_json::from_str(&text).context("it did not say where it listens")?;
        let url = |name: &str| urls[name].as_str().unwrap_or_default().to_owned();
        Ok(Self { child, api_url: url("api_url"), files_url: url("files_url") })
    }

    pub(crate) fn stats(&self) -> anyhow::Result<Value> {
        let body = self.request("GET", "/_fake/stats")?;
        serde_json::from_str(&body).context("unreadable stats")
    }

    /// Gives an order, as `refuse?seconds=5`.
    pub(crate) fn order(&self, what: &str) -> anyhow::Result<()> {
        self.request("POST", &format!("/_fake/{what}")).map(drop)
    }

    /// What it answers to a path, which must be a 200.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<String> {
        self.request("GET", path)
    }

    fn request(&self, method: &str, path: &str) -> anyhow::Result<String> {
        let address = self.api_url.trim_start_matches("http://").trim_end_matches("/3");
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
        ensure!(head.contains(" 200 "), "{method} {path}: {head}");
        Ok(body.to_owned())
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The `cinemirror` command against a fake TMDB, with a store in the folder.
pub(crate) fn cinemirror(fake: &Fake, folder: &Path, rate: u32, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .current_dir(folder)
        .env("TMDB_API_KEY", "0123456789abcdef0123456789abcdef")
        .env("CINEMIRROR__TMDB__API_URL", &fake.api_url)
        .env("CINEMIRROR__TMDB__FILES_URL", &fake.files_url)
        .env("CINEMIRROR__BUDGET__REQUESTS_PER_SECOND", rate.to_string())
        .args(["-q", "--json"])
        .args(arguments)
        .stdout(Stdio::piped());
    command
}

/// How a process went.
pub(crate) struct Finished {
    pub(crate) took: Duration,
    /// The highest resident memory, in bytes.
    pub(crate) peak_bytes: u64,
    pub(crate) output: String,
}

/// Runs a command to its end and watches its memory.
pub(crate) fn watched(mut command: Command) -> anyhow::Result<Finished> {
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("could not start {command:?}"))?;
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.map(|mut output| output.read_to_string(&mut text)).transpose().map(|_| text)
    });
    let mut peak_bytes = 0;
    let status = loop {
        peak_bytes = peak_bytes.max(peak(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let took = started.elapsed();
    let output = reader.join().expect("the reading thread does not panic")?;
    ensure!(status.success(), "{command:?} ended with {status}: {output}");
    Ok(Finished { took, peak_bytes, output })
}

fn peak(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

//! Comparing an id export of TMDB's size with what is known, against `gzip -dc | wc -l`.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::process::{Fake, Folder, cinemirror, watched};
use super::table::Row;
use crate::command::{program, root};

/// TMDB's movies in August 2026.
const LINES: &str = "1240000";

pub(crate) fn measure() -> anyhow::Result<Vec<Row>> {
    let folder = Folder::new("export")?;
    let mut fake = Fake::start(&["--generate", LINES])?;
    let date = today()?;
    let file = format!("movie_ids_{date}.json.gz");
    fetch(&format!("{}/{file}", fake.files_url), &folder.0.join(&file))?;
    // A plain file server, so that the fake's generating is not measured.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut server = FileServer::start(&folder.0, port)?;
    fake.files_url = format!("http://127.0.0.1:{port}");
    let rows = [new(&fake, &folder.0)?, nothing_new(&fake, &folder.0, &file)?];
    server.stop();
    Ok(rows.into())
}

const HARVEST: [&str; 3] = ["harvest", "--source", "export.movie"];

/// Every line becomes a task.
fn new(fake: &Fake, folder: &Path) -> anyhow::Result<Row> {
    let finished = watched(cinemirror(fake, folder, 0, &HARVEST))?;
    let figures: Value = serde_json::from_str(&finished.output).context("no figures")?;
    let queued = figures["figures"]["queued"].as_u64().unwrap_or(0);
    ensure!(queued > 1_000_000, "only {queued} tasks were queued");
    let (took, megabytes) = (finished.took.as_secs_f64(), finished.peak_bytes as f64 / 1e6);
    remove_store(folder);
    Ok(Row {
        what: format!("comparing a {LINES}-line movie export when everything is new"),
        bar: "15 s".to_owned(),
        measured: format!("{took:.1} s, {queued} tasks, {megabytes:.0} MB"),
        ratio: format!("{:.2} of the bar", took / 15.0),
        reached: took <= 15.0,
    })
}

/// Every line is known. The cursor is forgotten before each go, so that the file is read.
fn nothing_new(fake: &Fake, folder: &Path, file: &str) -> anyhow::Result<Row> {
    watched(cinemirror(fake, folder, 0, &["status"]))?;
    python(&["bench/known.py"], folder, file)?;
    let (mut ours, mut gzips, mut peak) = (vec![], vec![], 0);
    for _ in 0..5 {
        let started = Instant::now();
        let counted = Command::new("sh")
            .args(["-c", &format!("gzip -dc {file} | wc -l")])
            .current_dir(folder)
            .output()?;
        gzips.push(started.elapsed());
        ensure!(counted.status.success(), "gzip failed");
        let finished = watched(cinemirror(fake, folder, 0, &HARVEST))?;
        let figures: Value = serde_json::from_str(&finished.output).context("no figures")?;
        ensure!(figures["figures"]["queued"] == 0, "something was new: {figures}");
        ensure!(figures["figures"]["checked"].as_u64() > Some(1_000_000), "not read: {figures}");
        python(&["bench/known.py", "--again"], folder, file)?;
        ours.push(finished.took);
        peak = peak.max(finished.peak_bytes);
    }
    let idle = watched(cinemirror(fake, folder, 0, &["status"]))?.took.as_millis();
    let (ours, gzip) = (median(ours), median(gzips));
    let ratio = ours.as_secs_f64() / gzip.as_secs_f64();
    let megabytes = peak as f64 / 1e6;
    Ok(Row {
        what: format!(
            "comparing a {LINES}-line movie export when nothing is new (median of 5; `status` takes {idle} ms)"
        ),
        bar: "2 times `gzip -dc \\| wc -l`, 150 MB".to_owned(),
        measured: format!(
            "{:.2} s to {:.2} s, {megabytes:.0} MB",
            ours.as_secs_f64(),
            gzip.as_secs_f64()
        ),
        ratio: format!("{ratio:.2} times"),
        reached: ratio <= 2.0 && megabytes <= 150.0,
    })
}

/// Runs a script of the repository on the store in a folder.
fn python(script: &[&str], folder: &Path, file: &str) -> anyhow::Result<()> {
    let [path, flags @ ..] = script else { return Ok(()) };
    let status = Command::new("python3")
        .arg(root().join(path))
        .args(flags)
        .args(["cinemirror.db", file])
        .current_dir(folder)
        .status()?;
    ensure!(status.success(), "{path} ended with {status}");
    Ok(())
}

fn remove_store(folder: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(folder.join(format!("cinemirror.db{suffix}"))));
    }
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

fn today() -> anyhow::Result<String> {
    let output = program("date -u +%m_%d_%Y").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn fetch(url: &str, to: &Path) -> anyhow::Result<()> {
    let script = "import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])";
    let status = Command::new("python3").args(["-c", script, url]).arg(to).status()?;
    ensure!(status.success(), "could not fetch {url}");
    Ok(())
}

struct FileServer(Child);

impl FileServer {
    fn start(folder: &Path, port: u16) -> anyhow::Result<Self> {
        let child = Command::new("python3")
            .args(["-m", "http.server", &port.to_string(), "--bind", "127.0.0.1"])
            .current_dir(folder)
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let server = Self(child);
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(anyhow::anyhow!("it does not listen")).context("could not start a file server")
    }

    fn stop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        self.stop();
    }
}

//! Reading an id export of TMDB's size, against `gzip -dc | wc -l`.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::process::{Fake, Folder, cinemirror, watched};
use super::table::Row;
use crate::command::program;

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
    let dry = ["harvest", "--source", "export.movie", "--dry-run"];
    let (mut ours, mut gzips, mut peak) = (vec![], vec![], 0);
    for _ in 0..5 {
        let started = Instant::now();
        let counted = Command::new("sh")
            .args(["-c", &format!("gzip -dc {file} | wc -l")])
            .current_dir(&folder.0)
            .output()?;
        gzips.push(started.elapsed());
        ensure!(counted.status.success(), "gzip failed");
        let finished = watched(cinemirror(&fake, &folder.0, 0, &dry))?;
        ours.push(finished.took);
        peak = peak.max(finished.peak_bytes);
    }
    server.stop();
    let whole = {
        let command = cinemirror(&fake, &folder.0, 0, &["status"]);
        watched(command)?.took
    };
    let (ours, gzip) = (median(ours), median(gzips));
    let ratio = ours.as_secs_f64() / gzip.as_secs_f64();
    let megabytes = peak as f64 / 1e6;
    Ok(vec![Row {
        what: format!(
            "reading a {LINES}-line movie export (median of 5, start-up of {} ms included)",
            whole.as_millis()
        ),
        bar: "2 times `gzip -dc \\| wc -l`, 150 MB".to_owned(),
        measured: format!(
            "{:.2} s to {:.2} s, {megabytes:.0} MB",
            ours.as_secs_f64(),
            gzip.as_secs_f64()
        ),
        ratio: format!("{ratio:.2} times"),
        reached: ratio <= 2.0 && megabytes <= 150.0,
    }])
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

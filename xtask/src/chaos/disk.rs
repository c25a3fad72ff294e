//! A disk that fills up under SQLite.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::bench::process::{Fake, Folder, binary};
use crate::bench::table::Row;
use crate::command::say;

/// A small file system in memory; gone when dropped.
struct Disk(PathBuf);

impl Disk {
    fn new(folder: &Folder, size: &str) -> anyhow::Result<Self> {
        let path = folder.0.join("disk");
        std::fs::create_dir_all(&path)?;
        let disk = Self(path);
        disk.mount(&format!("size={size}"))?;
        Ok(disk)
    }

    fn grow(&self, size: &str) -> anyhow::Result<()> {
        self.mount(&format!("remount,size={size}"))
    }

    fn mount(&self, options: &str) -> anyhow::Result<()> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&self.0);
        ensure!(mount.status().context("could not start `mount`")?.success(), "needs root");
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.0).status());
    }
}

pub(crate) fn disk() -> anyhow::Result<Vec<Row>> {
    let folder = Folder::new("chaos-disk")?;
    let disk = Disk::new(&folder, "12m")?;
    let fake = Fake::start(&["--generate", "3000"])?;
    let crawl = |arguments: &[&str]| {
        let mut command = Command::new(binary());
        command
            .current_dir(&disk.0)
            .env("TMDB_API_KEY", "0123456789abcdef0123456789abcdef")
            .env("CINEMIRROR__TMDB__API_URL", &fake.api_url)
            .env("CINEMIRROR__TMDB__FILES_URL", &fake.files_url)
            .env("CINEMIRROR__BUDGET__REQUESTS_PER_SECOND", "0")
            .args(arguments);
        command.output()
    };
    let run = ["run", "full", "--type", "movie"];
    let full = crawl(&run)?;
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    let last = said.lines().last().unwrap_or_default().to_owned();
    say(&format!("  {last}"));
    let is_clear = full.status.code() == Some(1) && last.contains("room");
    disk.grow("400m")?;
    let again = crawl(&run)?;
    let verified = crawl(&["archive", "verify"])?;
    let status = crawl(&["--json", "status"])?;
    let status: serde_json::Value = serde_json::from_slice(&status.stdout)?;
    let movies = status["archive"]["kinds"][0]["keys"].as_u64().unwrap_or_default();
    let left = status["queue"]["ready"].as_u64().unwrap_or(u64::MAX);
    let goes_on = again.status.success() && verified.status.success() && left == 0;
    Ok(vec![Row {
        what: "a disk of 12 MB that fills up under SQLite, and grows to 400 MB".to_owned(),
        bar: "a clear error, a clean stop, and after room is made everything goes on".to_owned(),
        measured: format!(
            "ended with {}: “{last}”; then {movies} movies, {left} tasks left, archive {}",
            full.status.code().unwrap_or(-1),
            if verified.status.success() { "sound" } else { "not sound" }
        ),
        ratio: "–".to_owned(),
        reached: is_clear && goes_on && movies >= 2_900,
    }])
}

//! The servers that are measured, as processes that say where they listen.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

/// A running server; killed when dropped.
pub(super) struct Served {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Served {
    /// Starts what prints `{"url": "http://…"}` once it listens.
    pub(super) fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = child.stdout.take().context("it has no output")?;
        let mut text = String::new();
        let mut lines = BufReader::new(output);
        while !text.ends_with("}\n") {
            ensure!(lines.read_line(&mut text)? > 0, "{command:?} ended: {text}");
        }
        let said: Value = serde_json::from_str(&text).context("it did not say where it listens")?;
        let url = said["url"].as_str().unwrap_or_default();
        let address = url.trim_start_matches("http://").parse()?;
        Ok(Self { child, address })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

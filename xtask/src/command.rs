//! Runs other programs from the workspace's root.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

/// The workspace's root, wherever the command was started.
pub(crate) fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).unwrap_or(own)
}

/// A program with its arguments, to be run in the root.
#[expect(clippy::disallowed_methods, reason = "not configuration, but what cargo left behind")]
pub(crate) fn program(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(root());
    // What cargo told this program of itself is nothing to the next: build scripts take it
    // for a change, and would have half of the crates built anew.
    let of_xtask = |name: &str| {
        let told = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        told.iter().any(|prefix| name.starts_with(prefix)) || name == "CARGO_PRIMARY_PACKAGE"
    };
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_xtask) {
            command.env_remove(name);
        }
    }
    command
}

/// Shows a command line and runs it; fails when it fails.
pub(crate) fn run(line: &str) -> anyhow::Result<()> {
    say(&format!("$ {line}"));
    let status = program(line).status().with_context(|| format!("could not start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a development command talks to its terminal")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

/// Whether a program can be started.
pub(crate) fn is_installed(line: &str) -> bool {
    program(line).output().is_ok_and(|output| output.status.success())
}

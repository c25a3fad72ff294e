//! Published clients of TMDB's for the tests: Node's from npm, Rust's as a project of its own.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use crate::command::{is_installed, root, run};
use crate::packages;

/// What tests find Node's modules by.
pub(crate) const NODE: &str = "CINEMIRROR_TEST_NODE";

/// What tests find the program with Rust's client by.
pub(crate) const RUST: &str = "CINEMIRROR_TEST_RUST_CLIENT";

/// Where the clients' projects lie.
const PROJECTS: &str = "crates/cinemirror/tests/clients";

/// Installs what the lock file names where it is not there yet, and returns the folder.
pub(crate) fn set_up_node() -> anyhow::Result<PathBuf> {
    let (project, folder) = (root().join(PROJECTS).join("node"), root().join("target/node"));
    let wanted = fs::read_to_string(project.join("package-lock.json"))?;
    let installed = folder.join("installed");
    let programs = [("node --version", "nodejs"), ("npm --version", "npm")];
    let missing = programs.iter().filter(|(line, _)| !is_installed(line));
    packages::install(&missing.map(|(_, package)| *package).collect::<Vec<_>>())?;
    if fs::read_to_string(&installed).is_ok_and(|lock| lock == wanted) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(project.join(file), folder.join(file))?;
    }
    run("npm ci --prefix target/node --ignore-scripts --no-audit --no-fund")
        .context("the tests of clients need moviedb-promise from a Node package index")?;
    // Written last: what breaks off is begun anew.
    fs::write(installed, wanted)?;
    Ok(folder)
}

/// Builds the program with Rust's client, and returns it.
pub(crate) fn set_up_rust() -> anyhow::Result<PathBuf> {
    let manifest = format!("{PROJECTS}/rust/Cargo.toml");
    run(&format!(
        "cargo build --quiet --locked --manifest-path {manifest} --target-dir target/rust-client"
    ))?;
    Ok(root().join("target/rust-client/debug/rust-client"))
}

//! Everything a change is checked for without running it.

use crate::command::{is_installed, run, say};

pub(crate) fn lint() -> anyhow::Result<()> {
    run("cargo fmt --all --check")?;
    run("cargo clippy --workspace --all-targets --locked -- -D warnings")?;
    rustdoc()?;
    deny()
}

fn rustdoc() -> anyhow::Result<()> {
    let line = "cargo doc --workspace --no-deps --document-private-items --locked";
    say(&format!("$ RUSTDOCFLAGS=-Dwarnings {line}"));
    let status = crate::command::program(line).env("RUSTDOCFLAGS", "-Dwarnings").status()?;
    anyhow::ensure!(status.success(), "`{line}` failed");
    Ok(())
}

/// Licences, bans and sources need no network. The advisories' database does,
/// so it is asked for only where it can be reached.
fn deny() -> anyhow::Result<()> {
    if !is_installed("cargo deny --version") {
        say("cargo deny is not installed; licences, bans and sources are not checked");
        return Ok(());
    }
    run("cargo deny --locked check licenses bans sources")?;
    if is_installed("cargo deny --locked fetch db") {
        run("cargo deny --locked check advisories")?;
    } else {
        say("the advisories' database cannot be reached; advisories are not checked");
    }
    Ok(())
}

//! Debian's packages that the tests need: real servers.

use std::path::PathBuf;

use anyhow::Context;

use crate::command::{is_installed, run};

/// A program of each, and the package's name.
const NEEDED: [(&str, &str); 2] = [("postgres", "postgresql"), ("pgbouncer", "pgbouncer")];

/// Installs what is missing.
pub(crate) fn set_up() -> anyhow::Result<()> {
    let missing = NEEDED.iter().filter(|(program, _)| !is_there(program));
    install(&missing.map(|(_, package)| *package).collect::<Vec<_>>())
}

/// Looks where Debian puts servers, which is on no user's path, too.
fn is_there(program: &str) -> bool {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.push("/usr/sbin".into());
    folders.iter().any(|folder| folder.join(program).exists())
}

/// Installs packages, as root or by `sudo`.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    let sudo = if is_installed("test -w /var/lib/dpkg") { "" } else { "sudo " };
    let install = || -> anyhow::Result<()> {
        run(&format!("{sudo}apt-get update --quiet"))?;
        run(&format!("{sudo}apt-get install --yes --quiet --no-install-recommends {names}"))
    };
    install().with_context(|| format!("the tests need these packages of Debian's: {names}"))
}

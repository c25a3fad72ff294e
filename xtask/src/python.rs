//! An environment of Python's: what reads exports, and what asks TMDB's API.

use std::path::PathBuf;

use anyhow::Context;

use crate::command::{is_installed, root, run};
use crate::packages;

/// Pinned, so that a test that fails has failed because of a change here.
const PACKAGES: &str = "pyarrow==26.0.1 pandas==3.1.1 duckdb==2.0.0 \
                        tmdbsimple==2.9.8 schemathesis==4.32.5";

/// What tests find it by.
pub(crate) const VARIABLE: &str = "CINEMIRROR_TEST_PYTHON";

/// Makes the environment where it is not there yet, and returns its interpreter.
pub(crate) fn set_up() -> anyhow::Result<PathBuf> {
    let python = root().join("target/python/bin/python");
    let installed = root().join("target/python/packages");
    if std::fs::read_to_string(&installed).is_ok_and(|packages| packages == PACKAGES) {
        return Ok(python);
    }
    if !is_installed("python3 -m ensurepip --version") {
        packages::install(&["python3-venv"])?;
    }
    run("python3 -m venv --clear target/python")?;
    run(&format!("target/python/bin/pip install --quiet --disable-pip-version-check {PACKAGES}"))
        .with_context(|| format!("the tests need {PACKAGES} from a Python package index"))?;
    // Written last: what breaks off is begun anew.
    std::fs::write(installed, PACKAGES)?;
    Ok(python)
}

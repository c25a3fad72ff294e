//! A large mirror, collected once and kept for the next time.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use domain::Kind;

use crate::bench::process::{Fake, cinemirror, watched};
use crate::command::{root, say};

pub(super) struct Mirror {
    pub(super) folder: PathBuf,
    /// The ids of its movies.
    pub(super) ids: Vec<u64>,
}

/// Finds the mirror of so many titles, or has it collected: by the real collector, from a
/// fake TMDB whose bodies are as large as TMDB's.
pub(super) fn of(titles: u64) -> anyhow::Result<Mirror> {
    let folder = root().join(format!("target/bench/serve-{titles}"));
    let (done, version) = (folder.join("done"), version()?);
    if std::fs::read_to_string(&done).is_ok_and(|text| text == version) {
        return known(folder);
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    say(&format!("collecting {titles} titles into {} …", folder.display()));
    let started = Instant::now();
    // Adult titles are not collected, and some ids are listed without a title.
    let generated = (titles + titles / 20).to_string();
    let fake = Fake::start(&["--generate", &generated, "--no-gzip"])?;
    let limit = titles.to_string();
    let harvest = ["harvest", "--source", "export.movie", "--limit", &limit];
    watched(cinemirror(&fake, &folder, 0, &harvest))?;
    watched(cinemirror(&fake, &folder, 0, &["collect"]))?;
    let mirror = known(folder)?;
    let took = started.elapsed().as_secs_f64();
    let count = mirror.ids.len() as u64;
    ensure!(count * 100 >= titles * 98, "only {count} of {titles} titles were collected");
    say(&format!("collected {count} titles in {took:.0} s"));
    // Written last: what breaks off is begun anew.
    std::fs::write(done, version)?;
    Ok(mirror)
}

pub(super) fn store_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("cinemirror.db").display())
}

fn known(folder: PathBuf) -> anyhow::Result<Mirror> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ids = runtime.block_on(async {
        let store = store::open(&store_url(&folder)).await?;
        anyhow::Ok(store.archive.known(Kind::Movie).await?.ids)
    })?;
    Ok(Mirror { folder, ids })
}

/// A mirror that other migrations made is made anew.
fn version() -> anyhow::Result<String> {
    let migrations = root().join("crates/store/migrations/sqlite");
    let newest = std::fs::read_dir(migrations)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    newest.max().context("there are no migrations")
}

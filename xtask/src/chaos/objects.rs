//! An object store that fails one request in ten.

use std::process::Command;

use anyhow::{Context, ensure};
use testbed::s3::{Faults, S3};

use crate::bench::process::{Fake, Folder, binary};
use crate::bench::table::Row;

const BUCKET: &str = "chaos";
const TITLES: &str = "2500";

pub(crate) fn objects() -> anyhow::Result<Vec<Row>> {
    let fake = Fake::start(&["--generate", TITLES])?;
    let server = S3::start()?;
    server.bucket(BUCKET)?;
    server.set_faults(Faults { unavailable: 0.04, reset: 0.03, reset_after: 0.03, seed: 7 });
    let (broken, quiet) = (Folder::new("chaos-objects")?, Folder::new("chaos-no-objects")?);
    let in_objects = |arguments: &[&str]| {
        let mut command = command(&fake, &broken, arguments);
        command.env("CINEMIRROR__ARCHIVE__URL", format!("s3://{BUCKET}/mirror"));
        command.envs(server.environment());
        command
    };
    let run = ["run", "full", "--type", "movie", "--type", "tv"];
    let crawled = in_objects(&run).output()?;
    let said = String::from_utf8_lossy(&crawled.stderr);
    ensure!(crawled.status.success(), "the crawl failed: {}", said.lines().last().unwrap_or(""));
    let met = server.met();
    server.set_faults(Faults::default());
    let verified = in_objects(&["archive", "verify"]).status()?;
    ensure!(command(&fake, &quiet, &run).status()?.success(), "the crawl into a database failed");
    let (ours, wanted) = (records(&broken)?, records(&quiet)?);
    let failed = met.unavailable + met.reset + met.reset_after;
    Ok(vec![Row {
        what: format!(
            "bodies of {} versions in an S3 server that answers 503, resets, or loses its answer for 10 % of all requests ({failed} of them)",
            wanted.0
        ),
        bar: "nothing lost".to_owned(),
        measured: format!(
            "{} versions, {} to those of a crawl into a database; `archive verify` says {}",
            ours.0,
            if ours == wanted { "equal" } else { "**not** equal" },
            if verified.success() { "sound" } else { "not sound" }
        ),
        ratio: format!("{} of {}", ours.0, wanted.0),
        reached: ours == wanted && ours.0 > 0 && verified.success() && failed * 20 > ours.0,
    }])
}

fn command(fake: &Fake, folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .current_dir(&folder.0)
        .env("TMDB_API_KEY", "0123456789abcdef0123456789abcdef")
        .env("CINEMIRROR__TMDB__API_URL", &fake.api_url)
        .env("CINEMIRROR__TMDB__FILES_URL", &fake.files_url)
        .env("CINEMIRROR__BUDGET__REQUESTS_PER_SECOND", "0")
        .arg("-q")
        .args(arguments)
        .stdout(std::process::Stdio::null());
    command
}

/// How many versions there are, and the hash of what they are.
fn records(folder: &Folder) -> anyhow::Result<(u64, String)> {
    let url = format!("sqlite:{}", folder.0.join("cinemirror.db").display());
    let runtime = tokio::runtime::Runtime::new()?;
    let store = runtime.block_on(store::open(&url))?;
    let tables = runtime.block_on(store.fingerprint())?;
    let versions = tables.into_iter().find(|table| table.table == "versions");
    let versions = versions.context("the store has no versions")?;
    Ok((versions.rows, versions.hash))
}

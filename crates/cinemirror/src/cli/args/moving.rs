//! What can be said to move a deployment: from store to store, into a file, out of one.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// The store to copy, such as sqlite:cinemirror.db
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// The store to fill: empty, or what an interrupted copy has left
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// Say what would be copied, and whether TO can take it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Copy though workers live: what they write from now on is not in the copy
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// A file that ends in .cmbackup, or a folder for one named by the instant
    #[arg(long, value_name = "FILE|DIR", required_unless_present = "verify")]
    pub(crate) to: Option<PathBuf>,
    /// Replace a file that is there already
    #[arg(long, conflicts_with = "verify")]
    pub(crate) replace: bool,
    /// Read a backup to its end and check all of it
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    pub(crate) verify: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// The store to fill: empty, or what an interrupted restore has left [default: the configured one]
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
}

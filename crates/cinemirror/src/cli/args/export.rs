//! What can be said of exports and of taking them back.

use clap::{Args, ValueEnum};
use domain::Kind;
use export::{Format, Table};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Typed tables, for DuckDB, pandas and the like
    Parquet,
    /// Tables with a JSON object a line
    Ndjson,
    /// Whole records, which `import` takes back
    Protobuf,
}

impl From<ExportFormat> for Format {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Parquet => Self::Parquet,
            ExportFormat::Ndjson => Self::Ndjson,
            ExportFormat::Protobuf => Self::Protobuf,
        }
    }
}

pub(crate) const EXPORT_HELP: &str = "\
Write tables or whole records to files, with a manifest.

Tables: works, credits, ratings, providers, videos, similar, people, series, list_entries; docs/exports.md \
describes every column. manifest.json is written last and names every file with its rows, bytes and BLAKE3 \
hash, TMDB's and JustWatch's notices, and the date by which TMDB's terms ask for the files to be deleted.

With --since only what was fetched since another export is written, and what is gone since. A bucket's \
credentials, endpoint and region are taken from the environment, by AWS_ACCESS_KEY_ID and the like.";

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A folder, or `s3://BUCKET/PREFIX`
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: String,
    /// How files are written [default: parquet, or as the export before]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportFormat>,
    /// Only these kinds, with commas: movie,tv,person; records of every other kind too [default: all]
    #[arg(long = "kind", value_name = "KINDS", value_delimiter = ',')]
    pub(crate) kinds: Vec<Kind>,
    /// Only these tables, with commas [default: all that the kinds have]
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub(crate) tables: Vec<Table>,
    /// Only what changed since another export: its folder, its manifest.json, or its version, of
    /// an export beside this one
    #[arg(long, value_name = "EXPORT")]
    pub(crate) since: Option<String>,
    /// Do not compress NDJSON
    #[arg(long)]
    pub(crate) plain: bool,
    /// Replace an export that lies there already
    #[arg(long)]
    pub(crate) replace: bool,
    /// Begin a new file when one has grown so large [default: 256, packs of records 64]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub(crate) file_mib: Option<u64>,
}

pub(crate) const IMPORT_HELP: &str = "\
Take back records that `export --format protobuf` wrote.

Every pack is read to its end and compared with the manifest before anything of it is kept. A record \
that is older than what the mirror holds changes nothing; one that TMDB's terms let nobody keep any \
longer is refused and counted, and so is one of a key that is proven to be gone since. A broken pack \
is named, and nothing of it is taken.";

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// An export's folder or `s3://BUCKET/PREFIX`, or one pack (….pb.zst)
    #[arg(value_name = "PLACE")]
    pub(crate) from: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_wrapped_by_the_terminal() {
        for help in [EXPORT_HELP, IMPORT_HELP] {
            assert!(!help.replace("\n\n", "").contains('\n'), "{help}");
        }
    }
}

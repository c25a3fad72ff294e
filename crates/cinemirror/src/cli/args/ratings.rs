//! What can be said to look after imported ratings.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::rating::RatingSource;

#[derive(Debug, Subcommand)]
pub(crate) enum RatingsCommand {
    /// Take over the ratings of a file, and score the titles again
    #[command(long_about = IMPORT_HELP)]
    Import(ImportArgs),
    /// List the sources of imported ratings
    List,
    /// Drop all ratings of a source, and score the titles again
    Forget {
        /// Whose ratings, as `ratings list` names them
        #[arg(long, value_name = "NAME")]
        source: RatingSource,
    },
    /// Score the titles again that have no score of this program's method
    Rescore,
}

const IMPORT_HELP: &str = "\
Take over the ratings of a file, and score the titles again.

The file is IMDb's title.ratings.tsv.gz, or text with commas or tabs between columns and a \
heading: value, votes, imdb_id or kind and tmdb_id, and scale (the top of the scale, 10 where \
there is none). Either may be compressed with gzip. The file is read to its end before anything is \
kept; lines that make no sense are left out and counted. A rating replaces the one that the \
source gave before; titles that are not in the file keep theirs, and titles that come into \
the mirror later get theirs then.

IMDb's files are at https://datasets.imdbws.com. They are not TMDB's data, so its 180 days do \
not apply to them; IMDb allows their personal and non-commercial use only, see \
https://developer.imdb.com/non-commercial-datasets.";

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// title.ratings.tsv.gz, or a CSV file
    pub(crate) file: PathBuf,
    /// Whose ratings they are, such as imdb
    #[arg(long, value_name = "NAME")]
    pub(crate) source: RatingSource,
}

//! Configuration, read once: defaults, then `cinemirror.toml`, then the
//! environment, then flags. Each value knows where it came from.

mod archive;
mod freshness;
mod images;
mod layers;
mod recipes;
mod schedule;
mod serve;
mod settings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use archive::Archive;
pub use freshness::{Changes, Exports, Refresh, Terms};
pub use images::Images;
pub use layers::{ConfigError, Origin};
pub use schedule::{OwnEntry, Schedule};
pub use serve::Serve;
pub use settings::{Budget, Log, Settings, Store, Tmdb};

use layers::Layers;

/// The file that is read when none is named and it exists.
pub const FILE: &str = "cinemirror.toml";

/// Every option with its default, as `config example` prints it.
pub const EXAMPLE: &str = include_str!("../../../cinemirror.example.toml");

/// Names of the environment that stand for an option.
const ALIASES: [(&str, &str); 5] = [
    ("TMDB_API_KEY", "tmdb.key"),
    ("DATABASE_URL", "store.url"),
    ("COLLECTOR_CONCURRENCY", "collect.concurrency"),
    ("MEDIA_TYPES", "harvest.kinds"),
    ("RATE_LIMIT_REQUESTS", "budget.requests_per_second"),
];

/// Names that later versions use; saying so beats silence.
const NOT_YET: [(&str, &str); 1] = [(
    "COLLECTION_INTERVAL",
    "`cinemirror up` starts runs by a schedule, and [schedule] says which",
)];

/// Names a bucket; as `archive.url` it is `s3://` and its value.
const BUCKET: &str = "S3_BUCKET_NAME";

const PREFIX: &str = "CINEMIRROR__";

/// What configuration is made from, gathered by the caller.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The file named on the command line.
    pub file: Option<PathBuf>,
    pub environment: BTreeMap<String, String>,
    /// Dotted names and values from flags.
    pub flags: Vec<(&'static str, String)>,
}

/// The settings, and where each came from.
#[derive(Debug)]
pub struct Config {
    pub settings: Settings,
    /// Dotted name, value as text (secrets hidden), origin.
    pub values: Vec<(String, String, Origin)>,
    /// For a person: names that are set and have no effect.
    pub warnings: Vec<String>,
}

/// Reads every layer. Unknown names and unfit values are errors that say
/// where they stand.
pub fn load(inputs: &Inputs) -> Result<Config, ConfigError> {
    let mut layers = Layers::defaults()?;
    if let Some(path) = &inputs.file {
        layers.add_file(path)?;
    } else if Path::new(FILE).is_file() {
        layers.add_file(Path::new(FILE))?;
    }
    let mut warnings = vec![];
    for (name, value) in &inputs.environment {
        if let Some((_, option)) = ALIASES.iter().find(|(alias, _)| alias == name) {
            layers.set_text(option, value, Origin::Environment(name.clone()))?;
        }
        if name == BUCKET {
            let url = format!("s3://{value}");
            layers.set_text("archive.url", &url, Origin::Environment(name.clone()))?;
        }
        if let Some((_, why)) = NOT_YET.iter().find(|(other, _)| other == name) {
            warnings.push(format!("{name} is set and has no effect: {why}"));
        }
    }
    for (name, value) in &inputs.environment {
        if let Some(rest) = name.strip_prefix(PREFIX) {
            let option = rest.to_lowercase().replace("__", ".");
            layers.set_text(&option, value, Origin::Environment(name.clone()))?;
        }
    }
    for (option, value) in &inputs.flags {
        layers.set_text(option, value, Origin::Flag)?;
    }
    let mut settings = layers.settings()?;
    settings.archive.aws = store::Aws::from_environment(&inputs.environment);
    settings.check()?;
    Ok(Config { settings, values: layers.values(), warnings })
}

#[cfg(test)]
mod tests;

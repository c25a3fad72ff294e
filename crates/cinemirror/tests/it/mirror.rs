//! A mirror under test: a folder with a store, a fake TMDB, and the command between them.

use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use fake_tmdb::{Generated, Options, Server, Universe};
use serde_json::Value;
use store::Store;
use tempfile::TempDir;
use testbed::postgres::Cluster;
use tokio::runtime::Runtime;

/// A v3 key that the fake takes; tests look for it where it must not be.
pub(crate) const KEY: &str = "5ec4e70123456789abcdef0123456789";

pub(crate) struct Mirror {
    pub(crate) folder: TempDir,
    pub(crate) fake: Server,
    /// Runs the fake while the test waits for a command.
    pub(crate) runtime: Runtime,
    /// Added to the environment of every command.
    pub(crate) environment: Vec<(String, String)>,
    /// Where the store is; a file in the folder unless one says otherwise.
    pub(crate) store: String,
}

impl Mirror {
    /// A mirror beside a generated universe of so many movies.
    pub(crate) fn generated(movies: u64) -> Self {
        Self::of(Arc::new(Generated::starting(movies, 7, today())))
    }

    pub(crate) fn of(universe: Arc<dyn Universe>) -> Self {
        let mut options = Options::new(universe);
        options.start = today();
        Self::with(options)
    }

    /// A mirror beside a fake of one's own making.
    pub(crate) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let fake = runtime.block_on(fake_tmdb::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite:{}", folder.path().join("cinemirror.db").display());
        Self { folder, fake, runtime, store, environment: vec![] }
    }

    /// The same with a new database of PostgreSQL's.
    pub(crate) fn on(mut self, cluster: &Cluster) -> Self {
        self.store = self.runtime.block_on(cluster.create(None)).unwrap();
        self
    }

    pub(crate) fn open(&self) -> Store {
        self.runtime.block_on(store::open(&self.store)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command
            .current_dir(self.folder.path())
            .env("TMDB_API_KEY", KEY)
            .env("DATABASE_URL", &self.store)
            .env("CINEMIRROR__TMDB__API_URL", self.fake.api_url())
            .env("CINEMIRROR__TMDB__FILES_URL", self.fake.files_url())
            .env("CINEMIRROR__BUDGET__REQUESTS_PER_SECOND", "0")
            .env("CINEMIRROR__SERVE__LISTEN", "127.0.0.1:0")
            .env("CINEMIRROR__TMDB__RESUME_WAIT_SECONDS", "0.01")
            .env("CINEMIRROR__COLLECT__RETRY_BASE_SECONDS", "0.005")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must end well, and returns its JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json", "-q"];
        all.extend(arguments);
        let output = self.run(&all);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{arguments:?}: {text}{}", stderr(&output));
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// What the store holds, without instants: table, rows, hash.
    pub(crate) fn fingerprint(&self, tables: &[&str]) -> Vec<(String, u64, String)> {
        let store = self.open();
        let all = self.runtime.block_on(store.fingerprint()).unwrap();
        let wanted =
            all.into_iter().filter(|one| tables.is_empty() || tables.contains(&one.table.as_str()));
        wanted.map(|one| (one.table, one.rows, one.hash)).collect()
    }
}

/// The command without any configuration of the machine's.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cinemirror"));
    command.env_clear().args(arguments);
    command
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The command has the machine's clock; exports must be of its day.
#[expect(clippy::disallowed_methods, reason = "the command under test has the machine's clock too")]
pub(crate) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Whether two JSON values are equal, `7` and `7.0` too.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

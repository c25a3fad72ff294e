//! A PostgreSQL cluster in a temporary folder, from the binaries on this machine.

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_mins(1);

/// Settings by which a commit that was answered outlives [`Cluster::kill`], as it does
/// where nobody changed what PostgreSQL comes with.
pub const DURABLE: [&str; 2] = ["synchronous_commit=on", "full_page_writes=on"];

/// Its input ends with the process that started it, however that ends.
const KEEPER: &str = r#"
    read _
    pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid"
    rm -rf "$1"
"#;

/// A cluster with a running server.
pub struct Cluster {
    folder: PathBuf,
    /// A shell that ends the server and removes the folder when this process is gone.
    keeper: Child,
    binaries: PathBuf,
    port: u16,
    settings: Vec<String>,
    server: Mutex<Option<Child>>,
    names: AtomicU64,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Makes a cluster and starts it. `settings` are added to the server's, as
    /// `max_connections=200`; nothing is flushed to disk unless they say so.
    pub fn start(settings: &[&str]) -> anyhow::Result<Self> {
        let binaries = binaries()?;
        let folder = tempfile::Builder::new().prefix("cm-pg").tempdir()?.keep();
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .spawn()?;
        let defaults = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
        let settings = defaults.iter().chain(settings).map(ToString::to_string).collect();
        let cluster = Self {
            folder,
            keeper,
            binaries,
            port: free_port()?,
            settings,
            server: Mutex::new(None),
            names: AtomicU64::new(0),
        };
        cluster.make()?;
        cluster.launch()?;
        Ok(cluster)
    }

    /// The address of a database of the cluster, over TCP on loopback.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes a new database, as a copy of another where one is named. Returns its address.
    pub async fn create(&self, template: Option<&str>) -> anyhow::Result<String> {
        let name = format!("test_{}", self.names.fetch_add(1, Ordering::Relaxed));
        let like = template.map(|name| format!(" TEMPLATE {name} STRATEGY file_copy"));
        let like = like.unwrap_or_default();
        self.execute(&format!("CREATE DATABASE {name}{like}")).await?;
        Ok(self.url(&name))
    }

    /// Lets hosts of a network in, as `10.77.0.0/24`, without a password.
    pub fn admit(&self, network: &str) -> anyhow::Result<()> {
        let data = self.data();
        let mut rules = File::options().append(true).open(data.join("pg_hba.conf"))?;
        writeln!(rules, "host all all {network} trust")?;
        run(Command::new("kill").arg("-HUP").arg(pid(&data)?))
    }

    /// Starts the server again, so that it lets a role in by its password only.
    pub fn guard(&self, role: &str) -> anyhow::Result<()> {
        self.kill()?;
        let path = self.data().join("pg_hba.conf");
        let rules = std::fs::read_to_string(&path)?;
        std::fs::write(&path, format!("host all {role} all scram-sha-256\n{rules}"))?;
        self.launch()
    }

    /// Starts the server again with TLS, by a certificate and its key in PEM.
    pub fn encrypt(&mut self, certificate: &str, key: &str) -> anyhow::Result<()> {
        self.kill()?;
        for (name, pem) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            std::fs::write(&path, pem)?;
            run(Command::new("chmod").arg("600").arg(&path))?;
            if is_root() {
                run(Command::new("chown").arg("postgres").arg(&path))?;
            }
        }
        self.settings.push("ssl=on".to_owned());
        self.launch()
    }

    /// Runs SQL in the database `postgres`.
    pub async fn execute(&self, sql: &str) -> anyhow::Result<()> {
        let url = self.url("postgres");
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let done = client.batch_execute(sql).await;
        drop(client);
        drop(connection.await);
        Ok(done?)
    }

    /// Ends the server at once, as a power cut would: no shutdown, no answer to anybody.
    pub fn kill(&self) -> anyhow::Result<()> {
        let mut server = self.server().take().context("the server is not running")?;
        run(Command::new("kill").arg("-QUIT").arg(pid(&self.data())?))?;
        server.wait()?;
        Ok(())
    }

    /// Starts the server again after [`Cluster::kill`].
    pub fn restart(&self) -> anyhow::Result<()> {
        self.launch()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn server(&self) -> MutexGuard<'_, Option<Child>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self) -> anyhow::Result<()> {
        let path = &self.folder;
        if is_root() {
            // The server refuses root; its user must enter the folder.
            run(Command::new("chown").arg("postgres").arg(path))?;
            run(Command::new("chmod").arg("755").arg(path))?;
        }
        let mut initdb = as_server_user(&self.binaries.join("initdb"));
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        run(initdb.arg("-D").arg(self.data()))
    }

    fn launch(&self) -> anyhow::Result<()> {
        let data = self.data();
        let mut command = as_server_user(&self.binaries.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(&data);
        command.args(["-h", "*", "-p", &self.port.to_string()]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let log = File::options().append(true).create(true).open(self.log())?;
        let server = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        *self.server() = Some(server);
        self.wait_until_ready()
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn wait_until_ready(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let mut ready = Command::new(self.binaries.join("pg_isready"));
            let ready = ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if ready.status()?.success() {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                bail!("PostgreSQL did not get ready; its log says:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
        if let Some(mut server) = self.server().take() {
            drop(server.wait());
        }
    }
}

/// A cluster that all tests of a program share, each in a database of its own.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| {
        let started = Cluster::start(&["max_connections=400"]);
        started.expect("PostgreSQL starts")
    })
}

/// The server's process.
fn pid(data: &Path) -> anyhow::Result<String> {
    let file = std::fs::read_to_string(data.join("postmaster.pid"))?;
    Ok(file.lines().next().context("the server's pid file is empty")?.to_owned())
}

/// The folder of PostgreSQL's programs: where Debian puts them, or the PATH's.
fn binaries() -> anyhow::Result<PathBuf> {
    let mut found = vec![];
    for version in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        let folder = version.path().join("bin");
        if folder.join("initdb").exists() && folder.join("postgres").exists() {
            let number: u32 = version.file_name().to_string_lossy().parse().unwrap_or(0);
            found.push((number, folder));
        }
    }
    if let Some((_, folder)) = found.into_iter().max() {
        return Ok(folder);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("initdb").exists())
        .context("PostgreSQL's initdb is nowhere; `cargo xtask test` installs it")
}

pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// A program as a user that PostgreSQL accepts.
pub(crate) fn as_server_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command.current_dir("/");
    command
}

pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("could not start {command:?}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {error}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cluster_answers_also_after_a_crash() {
        let cluster = Cluster::start(&[]).unwrap();
        cluster.execute("CREATE DATABASE base").await.unwrap();
        assert!(cluster.create(Some("base")).await.unwrap().contains("/test_0"));
        cluster.kill().unwrap();
        assert!(cluster.execute("SELECT 1").await.is_err());
        cluster.restart().unwrap();
        cluster.execute("CREATE TABLE still (here INT)").await.unwrap();
    }
}

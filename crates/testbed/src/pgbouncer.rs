//! PgBouncer in front of a cluster, pooling by transaction, from the program on this machine.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::postgres::{Cluster, as_server_user, free_port, is_root, run};

/// How long it may take until it answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running pooler.
#[derive(Debug)]
pub struct Pooler {
    folder: TempDir,
    port: u16,
    keeper: Child,
}

impl Pooler {
    /// Pools connections to all databases of a cluster, `connections` for each at most.
    pub fn start(cluster: &Cluster, connections: u32) -> anyhow::Result<Self> {
        let program = program().context("pgbouncer is nowhere; `cargo xtask test` installs it")?;
        let folder = tempfile::Builder::new().prefix("cm-pgb").tempdir()?;
        let port = free_port()?;
        let settings = format!(
            "[databases]\n\
             * = host=127.0.0.1 port={} user=postgres\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {port}\n\
             unix_socket_dir =\n\
             auth_type = any\n\
             pool_mode = transaction\n\
             max_client_conn = 200\n\
             default_pool_size = {connections}\n",
            cluster.port()
        );
        let path = folder.path().join("pgbouncer.ini");
        std::fs::write(&path, settings)?;
        if is_root() {
            // It refuses root, as PostgreSQL does.
            run(Command::new("chown").arg("-R").arg("postgres").arg(folder.path()))?;
        }
        let mut keeper = as_server_user(Path::new("sh"));
        // The shell waits for its input to end, which it does with this process.
        keeper
            .args(["-c", "\"$@\" > \"$LOG\" 2>&1 & read _; kill -TERM $!; wait $!", "keeper"])
            .arg(program)
            .arg(&path)
            .env("LOG", folder.path().join("log"))
            .stdin(Stdio::piped());
        let pooler = Self { port, keeper: keeper.spawn()?, folder };
        pooler.wait_until_ready()?;
        Ok(pooler)
    }

    /// The address of a database of the cluster, through the pooler.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn wait_until_ready(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.path().join("log"));
                bail!("pgbouncer did not get ready; its log says:\n{}", log.unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

fn program() -> Option<PathBuf> {
    // Debian puts it where the PATH of most users does not look.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.exists())
}

//! What the server wrote down of the plans that it ran.

use tokio_postgres::{Client, NoTls};

pub(crate) struct Plans {
    client: Client,
}

/// One statement, as it ran.
pub(crate) struct Plan {
    pub(crate) millis: f64,
    /// How rows were found, the outermost first, each way once.
    pub(crate) scans: Vec<String>,
}

impl Plans {
    pub(crate) async fn connect(url: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute("SET auto_explain.log_min_duration = -1").await?;
        Ok(Self { client })
    }

    /// Where the log ends now.
    pub(crate) async fn end(&self) -> Result<i64, tokio_postgres::Error> {
        let size = "SELECT size FROM pg_stat_file('server.log')";
        self.client.query_one(size, &[]).await?.try_get(0)
    }

    /// What was logged behind that.
    pub(crate) async fn since(&self, end: i64) -> Result<Vec<Plan>, tokio_postgres::Error> {
        let log = "SELECT pg_read_file('server.log', $1, 100000000)";
        let log: String = self.client.query_one(log, &[&end]).await?.try_get(0)?;
        Ok(log.split("  duration: ").skip(1).map(plan).collect())
    }
}

/// Of what stands behind `duration: `.
fn plan(text: &str) -> Plan {
    let millis = text.split(' ').next().and_then(|number| number.parse().ok());
    let mut scans: Vec<String> = vec![];
    for line in text.lines().skip(1).take_while(|line| line.starts_with('\t')) {
        let node = line.trim_start_matches(['\t', ' ', '-', '>']);
        let name = node.split("  (").next().unwrap_or(node);
        let is_scan = name.contains(" Scan ") && !name.starts_with("Function Scan");
        let name = name.replace(" Backward", "");
        if is_scan && !line.contains("never executed") && !scans.contains(&name) {
            scans.push(name);
        }
    }
    Plan { millis: millis.unwrap_or_default(), scans }
}

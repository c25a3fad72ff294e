//! The server of PostgreSQL's that the tests of this program share.

use testbed::postgres::Cluster;
use tokio::sync::OnceCell;

use crate::Store;

/// What new databases are copied from: all migrations have run there.
const TEMPLATE: &str = "template_of_tests";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

async fn cluster() -> &'static Cluster {
    let start = async || {
        let cluster = Cluster::start(&["max_connections=400"]).unwrap();
        cluster.execute(&format!("CREATE DATABASE {TEMPLATE}")).await.unwrap();
        drop(crate::open(&cluster.url(TEMPLATE)).await.unwrap());
        cluster
    };
    CLUSTER.get_or_init(start).await
}

/// The address of a new, empty database.
pub(crate) async fn address() -> String {
    cluster().await.create(Some(TEMPLATE)).await.unwrap()
}

/// A store over a new, empty database.
pub(crate) async fn postgres() -> Store {
    crate::open(&address().await).await.unwrap()
}

//! The server of PostgreSQL's that the tests of this program share, and places for bodies.

use tempfile::TempDir;
use testbed::postgres;
use testbed::s3::S3;
use tokio::sync::OnceCell;

use crate::{Aws, Bodies, Options, Store};

/// What new databases are copied from: all migrations have run there.
const TEMPLATE: &str = "template_of_tests";

/// Makes the template, once.
async fn template() -> &'static str {
    static MADE: OnceCell<()> = OnceCell::const_new();
    let make = async || {
        let cluster = postgres::shared();
        cluster.execute(&format!("CREATE DATABASE {TEMPLATE}")).await.unwrap();
        drop(crate::open(&cluster.url(TEMPLATE)).await.unwrap());
    };
    MADE.get_or_init(make).await;
    TEMPLATE
}

/// The address of a new, empty database.
pub(crate) async fn address() -> String {
    let template = template().await;
    postgres::shared().create(Some(template)).await.unwrap()
}

/// A store over a new, empty database.
pub(crate) async fn postgres() -> Store {
    crate::open(&address().await).await.unwrap()
}

/// A store over a new database of SQLite's, with bodies in a folder.
pub(crate) async fn in_folder() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    (with_bodies(&url, Aws::default()).await, folder)
}

/// The same, with bodies in S3.
pub(crate) async fn in_s3() -> (Store, S3) {
    let s3 = S3::start().unwrap();
    s3.bucket("films").unwrap();
    (with_bodies("s3://films/mirror", aws(&s3)).await, s3)
}

pub(crate) fn aws(s3: &S3) -> Aws {
    let environment = s3.environment();
    Aws::from_environment(environment.iter().map(|(name, value)| (name, value)))
}

async fn with_bodies(url: &str, aws: Aws) -> Store {
    let bodies = Bodies { url: url.to_owned(), earlier_url: None, aws };
    crate::open_with(&Options { url: "sqlite::memory:".to_owned(), bodies }).await.unwrap()
}

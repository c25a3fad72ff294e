//! The server of PostgreSQL's that the tests of this program share.

use testbed::postgres;
use tokio::sync::OnceCell;

use crate::Store;

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

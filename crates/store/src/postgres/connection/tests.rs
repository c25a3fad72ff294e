//! Addresses, TLS, and servers that go away.

use std::path::Path;
use std::time::Duration;

use domain::queue::{NewTask, Priority};
use domain::{Key, StoreError, Timestamp};
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use testbed::postgres::Cluster;

use crate::{OpenError, Store, open};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[track_caller]
fn refused(url: &str, reason: &str) {
    let said = super::Address::read(url).err().unwrap_or_default();
    assert!(said.contains(reason), "{url}: {said}");
    assert!(!said.contains("s3cret"), "{said}");
}

#[test]
fn an_address_that_makes_no_sense_is_refused_with_a_reason() {
    refused("postgres://me:s3cret@host/db?sslmode=loud", "there is no sslmode `loud`");
    refused("postgres://me:s3cret@host/db?colour=red", "colour");
    refused("postgres://me:s3cret@host:port/db", "port");
    let password = "postgres://me@host/db?password=a&s3cret=b@c";
    refused(password, "it is no URL of a database");
    refused("postgres:///db", "it names no host");
    let nowhere = "postgres://me:s3cret@host/db?sslmode=verify-full&sslrootcert=/no%20where.pem";
    refused(nowhere, "cannot read the certificates of /no where.pem");
}

#[tokio::test]
async fn a_bad_address_opens_nothing() {
    let error = open("postgres://me:s3cret@host/db?sslmode=loud").await.unwrap_err();
    assert!(matches!(error, OpenError::Address { .. }));
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[test]
fn an_address_is_filled_up_with_what_it_does_not_say() {
    let config = |url| super::Address::read(url).unwrap().parts().0;
    let plain = config("postgres://me@host/db");
    assert_eq!(plain.get_application_name(), Some("cinemirror"));
    assert_eq!(plain.get_ssl_mode(), tokio_postgres::config::SslMode::Prefer);
    assert!(plain.get_connect_timeout().is_some());
    let told = config("postgres://me@host/db?application_name=mine&connect_timeout=60");
    assert_eq!(told.get_application_name(), Some("mine"));
    assert_eq!(told.get_connect_timeout(), Some(&Duration::from_mins(1)));
}

fn task(id: u64) -> NewTask {
    NewTask {
        key: Key::movie(id),
        priority: Priority::STALE,
        source: "export.movie".to_owned(),
        run: None,
        changed: false,
    }
}

async fn add(store: &Store, id: u64) -> Result<u64, StoreError> {
    Ok(store.queue.add(&[task(id)], at(1)).await?.added)
}

#[tokio::test]
async fn a_lost_server_is_told_soon_and_found_again() {
    let cluster = Cluster::start(&["synchronous_commit=on"]).unwrap();
    let store = open(&cluster.url("postgres")).await.unwrap();
    assert_eq!(add(&store, 1).await.unwrap(), 1);
    for id in 2..4 {
        cluster.kill().unwrap();
        let told = tokio::time::timeout(Duration::from_secs(5), add(&store, id)).await;
        assert!(matches!(told, Ok(Err(StoreError::Unavailable(_)))), "{told:?}");
        cluster.restart().unwrap();
        assert_eq!(add(&store, id).await.unwrap(), 1);
    }
    assert_eq!(store.queue.pending(9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_connection_that_was_lost_is_not_handed_out() {
    let cluster = Cluster::start(&[]).unwrap();
    let store = open(&cluster.url("postgres")).await.unwrap();
    for id in 1..4 {
        assert_eq!(add(&store, id).await.unwrap(), 1);
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name = 'cinemirror'";
        cluster.execute(cut).await.unwrap();
    }
}

struct Authority {
    root: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self { root: params.self_signed(&key).unwrap(), issuer: Issuer::new(params, key) }
    }

    /// A certificate for a name, and its key.
    fn vouch(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    fn write_root(&self, path: &Path) -> String {
        std::fs::write(path, self.root.pem()).unwrap();
        path.display().to_string()
    }
}

/// Whether the connection is encrypted; an error where there is none.
async fn encrypted(cluster: &Cluster, host: &str, parameters: &str) -> Result<bool, String> {
    let url = format!("postgres://postgres@{host}:{}/postgres?{parameters}", cluster.port());
    let (client, connection) =
        super::Address::read(&url)?.connect().await.map_err(|error| format!("{error:?}"))?;
    let connection = tokio::spawn(connection);
    let asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let is_encrypted = client.query_one(asked, &[]).await.unwrap().get(0);
    drop(client);
    connection.await.unwrap().unwrap();
    Ok(is_encrypted)
}

#[tokio::test]
async fn tls_is_as_sslmode_says() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, stranger) = (Authority::new("ours"), Authority::new("theirs"));
    let root = authority.write_root(&folder.path().join("root.pem"));
    let other = stranger.write_root(&folder.path().join("other.pem"));
    let mut cluster = Cluster::start(&[]).unwrap();
    for (parameters, wanted) in
        [("", Ok(false)), ("sslmode=prefer", Ok(false)), ("sslmode=require", Err(()))]
    {
        let told = encrypted(&cluster, "127.0.0.1", parameters).await;
        assert_eq!(told.map_err(drop), wanted, "a server without TLS, {parameters}");
    }
    let (certificate, key) = authority.vouch("localhost");
    cluster.encrypt(&certificate, &key).unwrap();
    for (host, parameters, wanted) in [
        ("127.0.0.1", String::new(), Ok(true)),
        ("127.0.0.1", "sslmode=disable".to_owned(), Ok(false)),
        ("127.0.0.1", "sslmode=require".to_owned(), Ok(true)),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={root}"), Ok(true)),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={other}"), Err("UnknownIssuer")),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={root}"), Ok(true)),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={other}"), Err("UnknownIssuer")),
        ("localhost", format!("sslmode=verify-full&sslrootcert={root}"), Ok(true)),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={root}"), Err("NotValidForName")),
        ("localhost", format!("sslmode=verify-full&sslrootcert={other}"), Err("UnknownIssuer")),
    ] {
        match (encrypted(&cluster, host, &parameters).await, wanted) {
            (Ok(told), wanted) => assert_eq!(Ok(told), wanted, "{host} {parameters}"),
            (Err(told), Ok(_)) => panic!("{host} {parameters}: {told}"),
            (Err(told), Err(wanted)) => assert!(told.contains(wanted), "{parameters}: {told}"),
        }
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_refused_rather_than_out_of_reach() {
    let cluster = Cluster::start(&[]).unwrap();
    cluster.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'").await.unwrap();
    cluster.guard("guarded").unwrap();
    let address = |user: &str, database: &str| {
        format!("postgres://{user}@127.0.0.1:{}/{database}", cluster.port())
    };
    for (user, database, says) in [
        ("guarded:wr0ng", "postgres", "password authentication failed"),
        ("guarded", "postgres", "password missing"),
        ("nobody", "postgres", "role \"nobody\" does not exist"),
        ("postgres", "nowhere", "database \"nowhere\" does not exist"),
    ] {
        let error = open(&address(user, database)).await.unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, OpenError::Refused { .. }), "{told}");
        assert!(told.contains(says) && !told.contains("wr0ng"), "{told}");
    }
    cluster.kill().unwrap();
    let error = open(&address("postgres", "postgres")).await.unwrap_err();
    assert!(matches!(error, OpenError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_store_works_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours");
    let root = authority.write_root(&folder.path().join("root.pem"));
    let mut cluster = Cluster::start(&[]).unwrap();
    let (certificate, key) = authority.vouch("localhost");
    cluster.encrypt(&certificate, &key).unwrap();
    let url = format!(
        "postgres://postgres@localhost:{}/postgres?sslmode=verify-full&sslrootcert={root}",
        cluster.port()
    );
    let store = open(&url).await.unwrap();
    assert_eq!(add(&store, 1).await.unwrap(), 1);
}

//! An S3 server on loopback over a temporary folder, which can be made to fail.
//!
//! It runs on threads of its own, so that a test may wait for a command that uses it.

mod faults;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use faults::Faulty;
pub use faults::{Faults, Met};

const KEY: &str = "testbed";

/// Tests look for it where it must not be.
pub const SECRET: &str = "testbed-secret-5ec4e7";

/// A server with its buckets.
pub struct S3 {
    folder: TempDir,
    address: SocketAddr,
    faults: Arc<faults::State>,
    /// Dropped with the server, which ends it.
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("address", &self.address).finish_non_exhaustive()
    }
}

impl S3 {
    pub fn start() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("cm-s3").tempdir()?;
        let files = FileSystem::new(folder.path())
            .map_err(|error| anyhow::anyhow!("no S3 server over {folder:?}: {error:?}"))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("s3")
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let faults = Arc::new(faults::State::default());
        runtime.spawn(accept(listener, service, Arc::clone(&faults)));
        Ok(Self { folder, address, faults, runtime: Some(runtime) })
    }

    /// Makes a bucket.
    pub fn bucket(&self, name: &str) -> anyhow::Result<()> {
        Ok(std::fs::create_dir_all(self.bucket_folder(name))?)
    }

    /// The folder where a bucket's objects are files.
    pub fn bucket_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a client needs in its environment.
    pub fn environment(&self) -> [(String, String); 4] {
        [
            ("AWS_ENDPOINT", format!("http://{}", self.address)),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    /// Fails from now on as told.
    pub fn set_faults(&self, faults: Faults) {
        self.faults.set(faults);
    }

    /// The faults that there were until now.
    pub fn met(&self) -> Met {
        self.faults.met()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, service: S3Service, faults: Arc<faults::State>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, service.clone(), Arc::clone(&faults)));
    }
}

async fn serve(stream: TcpStream, service: S3Service, faults: Arc<faults::State>) {
    // What is dropped in the middle is reset, as by a host that went away.
    drop(stream.set_zero_linger());
    let connection = Faulty { service, faults };
    // How a connection ends is its client's business.
    drop(
        Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), connection).await,
    );
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    /// Asks without a signature, which is refused by whoever is there.
    fn ask(s3: &S3) -> std::io::Result<String> {
        let mut stream = std::net::TcpStream::connect(s3.address)?;
        write!(
            stream,
            "GET /films/a HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            s3.address
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    #[test]
    fn who_has_no_key_is_refused() {
        let s3 = S3::start().unwrap();
        s3.bucket("films").unwrap();
        assert!(ask(&s3).unwrap().starts_with("HTTP/1.1 403"));
        assert_eq!(s3.met(), Met::default());
    }

    #[test]
    fn a_share_of_requests_fails_as_told() {
        let s3 = S3::start().unwrap();
        s3.set_faults(Faults { unavailable: 1.0, ..Faults::default() });
        assert!(ask(&s3).unwrap().starts_with("HTTP/1.1 503"));
        s3.set_faults(Faults { reset: 1.0, ..Faults::default() });
        assert!(ask(&s3).map_or(true, |answer| answer.is_empty()));
        s3.set_faults(Faults { reset_after: 1.0, ..Faults::default() });
        assert!(ask(&s3).map_or(true, |answer| answer.is_empty()));
        assert_eq!(s3.met(), Met { unavailable: 1, reset: 1, reset_after: 1 });
    }
}

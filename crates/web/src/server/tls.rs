//! TLS by configuration: HTTP/2 or HTTP/1.1, as the client likes.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::options::Tls;

/// Reads a certificate with its chain, and its key.
pub(super) fn acceptor(files: &Tls) -> io::Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(&files.certificate, "certificate", &error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| unreadable(&files.key, "private key", &error))?;
    let refused = |error: rustls::Error| {
        let message = format!(
            "the certificate in {} and the key in {} cannot be used: {error}",
            files.certificate.display(),
            files.key.display()
        );
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(refused)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(refused)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn unreadable(file: &Path, what: &str, error: &pem::Error) -> io::Error {
    let message = format!("{} holds no {what} in PEM: {error}", file.display());
    io::Error::new(io::ErrorKind::InvalidData, message)
}

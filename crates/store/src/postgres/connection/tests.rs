//! Addresses, TLS, and a server that goes away.

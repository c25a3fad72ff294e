//! Real servers for tests and benchmarks, each in a folder of its own on ports of its own.
//!
//! They end with the process that started them, even with one that is killed.

pub mod pgbouncer;
pub mod postgres;
pub mod s3;

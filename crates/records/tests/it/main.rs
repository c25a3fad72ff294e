//! Records as a whole: losslessness, canonical bytes, stored formats.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests")]

mod bodies;
mod corpus;
mod equal;
mod golden;
mod properties;

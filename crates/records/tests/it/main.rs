//! Records as a whole: losslessness, canonical bytes, stored formats.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod altered;
mod bodies;
mod corpus;
mod equal;
mod golden;
mod properties;
mod versions;

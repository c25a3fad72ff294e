//! Lossless protobuf records of TMDB's JSON.
//!
//! [`record`] turns a body into a [`domain::Record`] and reports what the
//! schema did not know; [`to_json`] gives back an equal JSON value. One
//! converter serves every kind: it is driven by the descriptors of
//! `proto/*.proto`, so that a new field is one line there. [`Packer`] makes
//! records small for the archive, and [`envelope()`] makes them self-contained.

pub mod frames;
pub mod proto;

mod canonical;
mod decode;
mod diff;
mod encode;
mod envelope;
mod outline;
mod packer;
mod packing;
mod patch;
mod schema;
mod steady;
mod view;
mod wire;

pub use canonical::write_text;
pub use decode::{DecodeError, body_to_json, to_json, to_value};
pub use diff::{Difference, diff};
pub use encode::{EncodeError, Encoded, encode, record};
pub use envelope::{EnvelopeError, envelope, from_envelope};
pub use outline::outline;
pub use packer::{Packer, TrainError, UnpackError, train};
pub use patch::{PatchError, patch, unpatch};
pub use schema::{json_schemas, kind_schema, part_schema, parts, reference_schema};
pub use steady::steady_hash;
pub use view::View;

/// The version of `proto/*.proto`: grows with every change to them.
pub const SCHEMA_VERSION: u32 = 1;

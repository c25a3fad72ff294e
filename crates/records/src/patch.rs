//! An earlier body as what tells it from a later one: small where little changed.
//!
//! A patch is a zstd frame without its magic number that refers to the base.

use bytes::Bytes;
use zstd::zstd_safe::{self, CCtx, CParameter, DCtx, ErrorCode};

/// 6 saves 4 % and takes three times as long.
const LEVEL: i32 = 3;
const MAGIC: [u8; 4] = zstd_safe::MAGICNUMBER.to_le_bytes();
/// zstd reads no larger window without asking; and no base is as large.
const MAX_WINDOW_LOG: u32 = 27;
const MIN_WINDOW_LOG: u32 = 10;
/// From here zstd's tables forget a base's beginning, and matches are searched from afar.
const LARGE: usize = 256 << 10;
/// Longer bodies are refused; TMDB's largest are a few megabytes.
const MAX_BODY_BYTES: usize = 64 << 20;

/// Writes `body` as a patch on `base`.
pub fn patch(base: &[u8], body: &[u8]) -> Vec<u8> {
    let frame = compress(base, body).expect("the frame has room for the worst case");
    frame[MAGIC.len()..].to_vec()
}

fn compress(base: &[u8], body: &[u8]) -> Result<Vec<u8>, ErrorCode> {
    let mut context = CCtx::create();
    let reach = base.len() + body.len();
    let window_log = reach.next_power_of_two().ilog2().clamp(MIN_WINDOW_LOG, MAX_WINDOW_LOG);
    context.set_parameter(CParameter::CompressionLevel(LEVEL))?;
    context.set_parameter(CParameter::WindowLog(window_log))?;
    context.set_parameter(CParameter::EnableLongDistanceMatching(reach > LARGE))?;
    // Tells a base that is another one.
    context.set_parameter(CParameter::ChecksumFlag(true))?;
    context.ref_prefix(base)?;
    let mut frame = Vec::with_capacity(zstd_safe::compress_bound(body.len()));
    context.compress2(&mut frame, body)?;
    Ok(frame)
}

/// Reads a body back from its patch and the base it was made on. `limit` is the
/// length of the body: a longer one is an error, and takes no more memory.
pub fn unpatch(base: &[u8], patch: &[u8], limit: usize) -> Result<Bytes, PatchError> {
    if limit > MAX_BODY_BYTES {
        return Err(PatchError(format!("a body of {limit} bytes is too long")));
    }
    let frame = [&MAGIC, patch].concat();
    let mut body = Vec::with_capacity(limit);
    let mut context = DCtx::create();
    let read = context.ref_prefix(base).and_then(|_| context.decompress(&mut body, &frame));
    match read {
        Ok(_) => Ok(body.into()),
        Err(code) => Err(PatchError(zstd_safe::get_error_name(code).to_owned())),
    }
}

/// A patch that does not fit its base.
#[derive(Debug, thiserror::Error)]
#[error("the patch does not fit: {0}")]
pub struct PatchError(pub String);

#[cfg(test)]
mod tests;

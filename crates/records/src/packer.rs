//! Makes records' bytes small for the archive.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use domain::Kind;
use zstd::bulk::{Compressor, Decompressor};

/// Compresses bodies, by kind with a trained dictionary where there is one.
#[derive(Clone, Debug)]
pub struct Packer {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<u32, Bytes>,
    current: HashMap<Kind, u32>,
}

/// Larger bodies are refused when reading; TMDB's largest is a few MB.
const MAX_BODY_BYTES: usize = 64 << 20;
const LEVEL: i32 = 9;

impl Packer {
    /// Takes every dictionary that was ever used, oldest first; the last of a
    /// kind is used for writing.
    pub fn new(dictionaries: Vec<(Kind, Bytes)>) -> Self {
        let mut inner = Inner::default();
        for (kind, dictionary) in dictionaries {
            let Some(id) = dictionary_id(&dictionary) else { continue };
            inner.by_id.insert(id, dictionary);
            inner.current.insert(kind, id);
        }
        Self { inner: Arc::new(inner) }
    }

    /// The dictionary that bodies of a kind are packed with.
    pub fn dictionary(&self, kind: Kind) -> Option<u32> {
        self.inner.current.get(&kind).copied()
    }

    pub fn pack(&self, kind: Kind, body: &[u8]) -> Vec<u8> {
        let dictionary = self.dictionary(kind).map(|id| self.inner.by_id[&id].clone());
        let mut compressor = match dictionary {
            Some(dictionary) => Compressor::with_dictionary(LEVEL, &dictionary),
            None => Compressor::new(LEVEL),
        }
        .expect("the level and the dictionary are valid");
        compressor.compress(body).expect("the buffer has room for the worst case")
    }

    /// The inverse of [`Packer::pack`], whichever of the dictionaries was used.
    pub fn unpack(&self, _kind: Kind, stored: &[u8]) -> Result<Bytes, UnpackError> {
        let id = zstd::zstd_safe::get_dict_id_from_frame(stored).map(std::num::NonZero::get);
        let mut decompressor = match id {
            None => Decompressor::new(),
            Some(id) => {
                let dictionary = self.inner.by_id.get(&id).ok_or(UnpackError::Dictionary(id))?;
                Decompressor::with_dictionary(dictionary)
            }
        }
        .map_err(UnpackError::Damaged)?;
        let bytes =
            decompressor.decompress(stored, MAX_BODY_BYTES).map_err(UnpackError::Damaged)?;
        Ok(bytes.into())
    }
}

/// The id in a dictionary's head; `None` if it is none that was trained.
fn dictionary_id(dictionary: &[u8]) -> Option<u32> {
    zstd::zstd_safe::get_dict_id_from_dict(dictionary).map(std::num::NonZero::get)
}

/// Trains a dictionary for a kind on bodies of that kind.
pub fn train(kind: Kind, samples: &[Vec<u8>], max_bytes: usize) -> Result<Bytes, TrainError> {
    let _ = kind;
    if samples.len() < MIN_SAMPLES {
        return Err(TrainError::TooFew { found: samples.len(), needed: MIN_SAMPLES });
    }
    let dictionary = zstd::dict::from_samples(samples, max_bytes).map_err(TrainError::Zstd)?;
    Ok(dictionary.into())
}

const MIN_SAMPLES: usize = 8;

/// Stored bytes that give no body.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The dictionary they were packed with is not among the packer's.
    #[error("the compression dictionary {0} is missing")]
    Dictionary(u32),
    #[error("the stored bytes are damaged: {0}")]
    Damaged(#[source] std::io::Error),
}

/// Why no dictionary was trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("a dictionary needs {needed} records or more, not {found}")]
    TooFew { found: usize, needed: usize },
    #[error("no dictionary could be trained: {0}")]
    Zstd(#[source] std::io::Error),
}

//! Makes records' bytes small for the archive.
//!
//! Stored bytes are a zstd frame without its magic number, which names the
//! dictionary, and behind it what does not compress. The frame's content is a
//! byte that says how it is arranged, and the body, mostly as [`columns`].

mod columns;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use domain::Kind;
use zstd::zstd_safe;

use crate::frames;
use crate::schema::SCHEMA;
use words::Vocabulary;

/// Larger bodies are refused, not read; TMDB's largest are a few megabytes.
const MAX_BODY_BYTES: usize = 64 << 20;
/// Columns gain little from more: 13 saves 2 % and takes four times as long.
const LEVEL: i32 = 6;
const MAGIC: [u8; 4] = zstd_safe::MAGICNUMBER.to_le_bytes();
/// The content is the body as it is.
const AS_IS: u8 = 0;
/// The content is the body in columns.
const IN_COLUMNS: u8 = 1;
/// The same, and its sentences in words of the dictionary's vocabulary.
const IN_WORDS: u8 = 2;
/// Fewer samples give no dictionary worth having.
const MIN_SAMPLES: usize = 8;

/// Compresses bodies, with a kind's trained dictionary where there is one.
#[derive(Clone, Debug)]
pub struct Packer {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<u32, Dictionary>,
    /// The one that a kind is written with.
    current: HashMap<Kind, u32>,
}

#[derive(Debug)]
struct Dictionary {
    frames: frames::Dictionary,
    vocabulary: Option<Vocabulary>,
}

impl Packer {
    /// Takes every dictionary that was ever used, oldest first: the last of a
    /// kind is used for writing. What is no trained dictionary is left out.
    pub fn new(dictionaries: Vec<(Kind, Bytes)>) -> Self {
        let mut inner = Inner::default();
        for (kind, bytes) in dictionaries {
            let Some(id) = zstd_safe::get_dict_id_from_dict(&bytes) else { continue };
            let (frames, vocabulary) = dictionary_parts(&bytes);
            let dictionary =
                Dictionary { frames: frames::Dictionary::new(frames, LEVEL), vocabulary };
            inner.by_id.insert(id.get(), dictionary);
            inner.current.insert(kind, id.get());
        }
        Self { inner: Arc::new(inner) }
    }

    /// Returns the id of the dictionary that bodies of a kind are packed with.
    pub fn dictionary(&self, kind: Kind) -> Option<u32> {
        self.inner.current.get(&kind).copied()
    }

    /// Compresses a body of a kind.
    pub fn pack(&self, kind: Kind, body: &[u8]) -> Vec<u8> {
        let dictionary = self.dictionary(kind).and_then(|id| self.inner.by_id.get(&id));
        let vocabulary = dictionary.and_then(|found| found.vocabulary.as_ref());
        let (content, random) = arrange(kind, vocabulary, body);
        let frame = frames::compress(&content, dictionary.map(|found| &found.frames), LEVEL);
        let mut stored = frame[MAGIC.len()..].to_vec();
        stored.extend_from_slice(&random);
        stored
    }

    /// The inverse of [`Packer::pack`], whichever of the dictionaries was used.
    pub fn unpack(&self, kind: Kind, stored: &[u8]) -> Result<Bytes, UnpackError> {
        let framed = [&MAGIC, stored].concat();
        let length = zstd_safe::find_frame_compressed_size(&framed).map_err(damaged)?;
        let (frame, random) = framed.split_at(length);
        let dictionary = match zstd_safe::get_dict_id_from_frame(frame) {
            None => None,
            Some(id) => {
                let found = self.inner.by_id.get(&id.get());
                Some(found.ok_or(UnpackError::Dictionary(id.get()))?)
            }
        };
        let with = dictionary.map(|found| &found.frames);
        let content = frames::decompress(frame, with, MAX_BODY_BYTES);
        let content = content.map_err(UnpackError::Damaged)?;
        let body = match content.split_first() {
            Some((&AS_IS, body)) if random.is_empty() => Some(body.to_vec()),
            Some((&IN_COLUMNS, text)) => {
                columns::join(SCHEMA.root(kind), text, random, None, MAX_BODY_BYTES)
            }
            Some((&IN_WORDS, text)) => {
                let vocabulary = dictionary.and_then(|found| found.vocabulary.as_ref());
                let root = SCHEMA.root(kind);
                vocabulary.and_then(|words| {
                    columns::join(root, text, random, Some(words), MAX_BODY_BYTES)
                })
            }
            _ => None,
        };
        body.map(Bytes::from).ok_or(UnpackError::Damaged("its arrangement makes no sense"))
    }
}

/// Trains a dictionary for a kind on bodies of that kind.
///
/// The part for frames is at most `max_bytes` large; a vocabulary follows it, and its length
/// in four bytes, little-endian.
pub fn train(kind: Kind, samples: &[Vec<u8>], max_bytes: usize) -> Result<Bytes, TrainError> {
    if samples.len() < MIN_SAMPLES {
        return Err(TrainError::TooFew { found: samples.len(), needed: MIN_SAMPLES });
    }
    let root = SCHEMA.root(kind);
    let texts: Vec<_> = samples.iter().filter_map(|body| columns::prose(root, body)).collect();
    let words = words::train(&texts).unwrap_or_default();
    let vocabulary = Vocabulary::from_bytes(&words);
    let samples: Vec<_> =
        samples.iter().map(|body| arrange(kind, vocabulary.as_ref(), body).0).collect();
    let mut dictionary = frames::train(&samples, max_bytes).map_err(TrainError::Zstd)?;
    dictionary.extend_from_slice(&words);
    dictionary.extend_from_slice(&u32::try_from(words.len()).unwrap_or_default().to_le_bytes());
    Ok(dictionary.into())
}

/// Returns a frame's content, and what stands behind the frame.
fn arrange(kind: Kind, vocabulary: Option<&Vocabulary>, body: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let in_columns = if vocabulary.is_some() { IN_WORDS } else { IN_COLUMNS };
    let (how, text, random) = match columns::split(SCHEMA.root(kind), vocabulary, body) {
        Some(columns) => (in_columns, columns.text, columns.random),
        None => (AS_IS, body.to_vec(), Vec::new()),
    };
    let mut content = Vec::with_capacity(text.len() + 1);
    content.push(how);
    content.extend_from_slice(&text);
    (content, random)
}

/// Returns a dictionary's part for frames, and its vocabulary.
fn dictionary_parts(bytes: &[u8]) -> (&[u8], Option<Vocabulary>) {
    let parts = bytes.split_last_chunk().and_then(|(parts, length)| {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        parts.split_at_checked(parts.len().checked_sub(length)?)
    });
    let Some((frames, words)) = parts else { return (bytes, None) };
    (frames, Vocabulary::from_bytes(words))
}

fn damaged(code: zstd_safe::ErrorCode) -> UnpackError {
    UnpackError::Damaged(zstd_safe::get_error_name(code))
}

/// Stored bytes that give no body.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The dictionary they were packed with is not among the packer's.
    #[error("the compression dictionary {0} is missing")]
    Dictionary(u32),
    #[error("the stored bytes are damaged: {0}")]
    Damaged(&'static str),
}

/// Why no dictionary was trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("a dictionary needs {needed} records or more, not {found}")]
    TooFew { found: usize, needed: usize },
    /// Mostly that the records are too few or too small together.
    #[error("no dictionary could be trained: {0}")]
    Zstd(#[source] std::io::Error),
}

#[cfg(test)]
mod tests;

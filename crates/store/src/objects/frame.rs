//! The bytes of an object: what it is, the body as it is packed, and a checksum.
//!
//! Five bytes say what it is and in which layout, four how long the header is
//! (little-endian); the header is protobuf, so that fields can be added; the
//! last 32 bytes are the BLAKE3 of everything before.

use bytes::Bytes;
use domain::record::ContentHash;
use domain::{Key, Kind, Timestamp};
use prost::Message;

use super::ObjectHeader;

const BODY: [u8; 5] = *b"CMOB\x01";
const DICTIONARY: [u8; 5] = *b"CMOD\x01";
const LENGTH_BYTES: usize = 4;
const HASH_BYTES: usize = blake3::OUT_LEN;

/// [`ObjectHeader`] as it is stored; numbers of fields never change.
#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(uint32, tag = "1")]
    kind: u32,
    #[prost(uint64, tag = "2")]
    id: u64,
    #[prost(uint32, optional, tag = "3")]
    season: Option<u32>,
    #[prost(uint32, optional, tag = "4")]
    episode: Option<u32>,
    #[prost(uint32, tag = "5")]
    version: u32,
    #[prost(sint64, tag = "6")]
    valid_from: i64,
    #[prost(sint64, tag = "7")]
    fetched_at: i64,
    #[prost(string, tag = "8")]
    asked: String,
    #[prost(bytes = "vec", tag = "9")]
    hash: Vec<u8>,
    #[prost(uint32, tag = "10")]
    schema_version: u32,
    #[prost(uint64, tag = "11")]
    body_bytes: u64,
    #[prost(int64, optional, tag = "12")]
    dictionary: Option<i64>,
    #[prost(bool, tag = "13")]
    is_patch: bool,
}

pub(super) fn seal(header: &ObjectHeader, stored: &[u8]) -> Bytes {
    let key = &header.key;
    let header = Header {
        kind: key.kind().number().into(),
        id: key.id(),
        season: key.season_number(),
        episode: key.episode_number(),
        version: header.version,
        valid_from: header.valid_from.as_millis(),
        fetched_at: header.fetched_at.as_millis(),
        asked: header.asked.clone(),
        hash: header.hash.0.to_vec(),
        schema_version: header.schema_version,
        body_bytes: header.body_bytes as u64,
        dictionary: header.dictionary,
        is_patch: header.is_patch,
    };
    sealed(BODY, &header.encode_to_vec(), stored)
}

pub(super) fn seal_dictionary(dictionary: &[u8]) -> Bytes {
    sealed(DICTIONARY, &[], dictionary)
}

/// The inverse of [`seal`]; an error says what is wrong with the bytes.
pub(super) fn open(bytes: &Bytes) -> Result<(ObjectHeader, Bytes), String> {
    let (header, stored) = opened(BODY, bytes)?;
    let header = Header::decode(header).map_err(|error| format!("its header: {error}"))?;
    let nonsense = || "its header makes no sense".to_owned();
    let kind = u8::try_from(header.kind).ok().and_then(Kind::from_number).ok_or_else(nonsense)?;
    let key = Key::new(kind, header.id, header.season, header.episode);
    let header = ObjectHeader {
        key: key.map_err(|error| error.to_string())?,
        version: header.version,
        valid_from: Timestamp::from_millis(header.valid_from),
        fetched_at: Timestamp::from_millis(header.fetched_at),
        asked: header.asked,
        hash: ContentHash(header.hash.try_into().map_err(|_: Vec<u8>| nonsense())?),
        schema_version: header.schema_version,
        body_bytes: usize::try_from(header.body_bytes).map_err(|error| error.to_string())?,
        dictionary: header.dictionary,
        is_patch: header.is_patch,
    };
    Ok((header, stored))
}

/// The inverse of [`seal_dictionary`].
pub(super) fn open_dictionary(bytes: &Bytes) -> Result<Bytes, String> {
    opened(DICTIONARY, bytes).map(|(_, dictionary)| dictionary)
}

fn sealed(what: [u8; 5], header: &[u8], content: &[u8]) -> Bytes {
    let room = what.len() + LENGTH_BYTES + header.len() + content.len() + HASH_BYTES;
    let mut bytes = Vec::with_capacity(room);
    bytes.extend_from_slice(&what);
    bytes.extend_from_slice(&u32::try_from(header.len()).unwrap_or_default().to_le_bytes());
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(content);
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(hash.as_bytes());
    bytes.into()
}

fn opened(what: [u8; 5], bytes: &Bytes) -> Result<(Bytes, Bytes), String> {
    let end = bytes.len().checked_sub(HASH_BYTES).ok_or("it is cut short")?;
    let content = bytes.slice(..end);
    // Compared first: whatever else is wrong, the bytes are not those that were written.
    if blake3::hash(&content).as_bytes()[..] != bytes[end..] {
        return Err("its checksum differs".to_owned());
    }
    let rest = content.strip_prefix(&what).ok_or("it is something else")?;
    let (length, rest) = rest.split_first_chunk::<LENGTH_BYTES>().ok_or("it has no header")?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|error| error.to_string())?;
    if rest.len() < length {
        return Err("its header is cut short".to_owned());
    }
    let start = content.len() - rest.len();
    Ok((content.slice(start..start + length), content.slice(start + length..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> ObjectHeader {
        ObjectHeader {
            key: Key::episode(1396, 1, 2),
            version: 3,
            valid_from: Timestamp::from_millis(-5),
            fetched_at: Timestamp::from_millis(1_700_000_000_000),
            asked: "tv/1396/season/1/episode/2?language=de".to_owned(),
            hash: ContentHash([7; 32]),
            schema_version: 2,
            body_bytes: 4_096,
            dictionary: Some(4),
            is_patch: true,
        }
    }

    #[test]
    fn an_object_describes_itself() {
        let sealed = seal(&header(), b"packed");
        assert_eq!(open(&sealed), Ok((header(), Bytes::from_static(b"packed"))));
        let sealed = seal_dictionary(b"words");
        assert_eq!(open_dictionary(&sealed), Ok(Bytes::from_static(b"words")));
        assert!(open(&sealed).is_err(), "a dictionary is no body");
    }

    #[test]
    fn a_byte_that_flipped_or_is_missing_is_noticed() {
        let sealed = seal(&header(), b"packed");
        for place in 0..sealed.len() {
            let mut altered = sealed.to_vec();
            altered[place] ^= 1;
            assert!(open(&altered.into()).is_err(), "byte {place}");
            assert!(open(&sealed.slice(..place)).is_err(), "cut at {place}");
        }
    }
}

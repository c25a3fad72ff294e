//! The self-contained form of a record: the message `Record` of `proto/record.proto`.

use bytes::Bytes;
use domain::record::ContentHash;
use domain::{Key, KeyError, Kind, Record, Timestamp};

use crate::wire::{self, Payload};

/// The body's field is that of its kind's number, so far from the first.
const BODY_OFFSET: u32 = 15;

/// Writes a record as one protobuf message.
pub fn envelope(record: &Record) -> Bytes {
    let mut out = Vec::with_capacity(record.body.len() + record.asked.len() + 100);
    wire::put_bytes(1, record.key.to_string().as_bytes(), &mut out);
    wire::put_tag(2, wire::VARINT, &mut out);
    wire::put_varint(record.fetched_at.as_millis().cast_unsigned(), &mut out);
    wire::put_bytes(3, record.asked.as_bytes(), &mut out);
    wire::put_bytes(4, &record.hash.0, &mut out);
    wire::put_tag(5, wire::VARINT, &mut out);
    wire::put_varint(record.schema_version.into(), &mut out);
    wire::put_bytes(body_number(record.key.kind()), &record.body, &mut out);
    out.into()
}

/// Reads a record back, and checks its body against its hash.
pub fn from_envelope(bytes: &Bytes) -> Result<Record, EnvelopeError> {
    let mut input: &[u8] = bytes;
    let mut next = || wire::take_field(&mut input).ok_or(EnvelopeError::Malformed);
    let fields = [next()?, next()?, next()?, next()?, next()?, next()?];
    let [
        (1, Payload::Len(key)),
        (2, Payload::Varint(fetched_at)),
        (3, Payload::Len(asked)),
        (4, Payload::Len(hash)),
        (5, Payload::Varint(schema_version)),
        (body_field, Payload::Len(body)),
    ] = fields
    else {
        return Err(EnvelopeError::Malformed);
    };
    let text = |bytes| std::str::from_utf8(bytes).ok().ok_or(EnvelopeError::Malformed);
    let key: Key = text(key)?.parse()?;
    if body_field != body_number(key.kind()) || !input.is_empty() {
        return Err(EnvelopeError::Malformed);
    }
    if blake3::hash(body).as_bytes() != hash {
        return Err(EnvelopeError::Damaged(key));
    }
    Ok(Record {
        key,
        fetched_at: Timestamp::from_millis(fetched_at.cast_signed()),
        asked: text(asked)?.to_owned(),
        hash: ContentHash(*blake3::hash(body).as_bytes()),
        schema_version: u32::try_from(schema_version).ok().ok_or(EnvelopeError::Malformed)?,
        body: bytes.slice_ref(body),
    })
}

fn body_number(kind: Kind) -> u32 {
    BODY_OFFSET + u32::from(kind.number())
}

/// Bytes that hold no record.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the bytes are no record")]
    Malformed,
    #[error("the record's key is unreadable: {0}")]
    Key(#[from] KeyError),
    #[error("the body of {0} does not match its hash")]
    Damaged(Key),
}

#[cfg(test)]
mod tests {
    use domain::Reference;
    use prost::Message;

    use super::*;

    #[track_caller]
    fn check(key: Key, json: &str) -> Record {
        let at = Timestamp::from_millis(1_767_225_600_123);
        let (record, _) = crate::record(key, json.as_bytes(), "some/path?x=y", at).unwrap();
        assert_eq!(from_envelope(&envelope(&record)).unwrap(), record);
        record
    }

    #[test]
    fn a_record_comes_back_from_its_envelope() {
        check(Key::movie(550), r#"{"id":550,"title":"Fight Club"}"#);
        check(Key::season(1, 0), r#"{"_id":"52fe4250c3a36847f80149f3"}"#);
        check(Key::reference(Reference::Countries), r#"[{"iso_3166_1":"DE"}]"#);
    }

    #[test]
    fn the_envelope_is_the_message_that_the_schema_says() {
        let record = check(Key::movie(550), r#"{"id":550,"title":"Fight Club"}"#);
        let read = crate::proto::Record::decode(envelope(&record)).unwrap();
        assert_eq!(read.key, "movie/550");
        let Some(crate::proto::record::Body::Movie(movie)) = read.body else {
            panic!("the body is a movie");
        };
        assert_eq!(movie.title.as_deref(), Some("Fight Club"));
    }

    #[test]
    fn a_damaged_body_is_noticed() {
        let record = check(Key::movie(550), r#"{"title":"Fight Club"}"#);
        let mut bytes = envelope(&record).to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        assert!(matches!(from_envelope(&bytes.into()), Err(EnvelopeError::Damaged(_))));
    }

    proptest::proptest! {
        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>) {
            drop(from_envelope(&bytes.into()));
        }
    }
}

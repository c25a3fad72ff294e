//! What is packed comes back, and nothing else does.

use proptest::prelude::*;

use super::*;

fn bodies(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range
        .map(|id| {
            let json = format!(
                r#"{{"id":{id},"title":"The {id}th one","status":"Released","genres":[{{"id":{},"name":"Drama"}}],
                "production_companies":[{{"id":{},"name":"Paramount","origin_country":"US"}}],"overview":"{}"}}"#,
                id % 5,
                id % 7,
                "A man and a woman, and what came between them. ".repeat(usize::try_from(id % 4).unwrap()),
            );
            crate::encode(domain::Key::movie(id), json.as_bytes()).unwrap().body.to_vec()
        })
        .collect()
}

fn dictionary(range: std::ops::Range<u64>) -> Bytes {
    train(Kind::Movie, &bodies(range), 8 << 10).unwrap()
}

#[test]
fn a_dictionary_makes_bodies_smaller_and_is_found_again() {
    let plain = Packer::new(Vec::new());
    let first = Packer::new(vec![(Kind::Movie, dictionary(1..400))]);
    let body = &bodies(1001..1002)[0];
    let packed = first.pack(Kind::Movie, body);
    assert!(packed.len() * 2 < plain.pack(Kind::Movie, body).len());
    let both = vec![(Kind::Movie, dictionary(1..400)), (Kind::Movie, dictionary(400..900))];
    let both = Packer::new(both);
    assert_ne!(both.dictionary(Kind::Movie), first.dictionary(Kind::Movie));
    assert_eq!(both.unpack(Kind::Movie, &packed).unwrap(), body);
    assert_eq!(both.unpack(Kind::Movie, &plain.pack(Kind::Movie, body)).unwrap(), body);
    let missing = plain.unpack(Kind::Movie, &packed).unwrap_err();
    assert!(
        matches!(missing, UnpackError::Dictionary(id) if Some(id) == first.dictionary(Kind::Movie))
    );
}

#[test]
fn too_few_samples_give_no_dictionary() {
    let error = train(Kind::Movie, &bodies(1..4), 8 << 10).unwrap_err();
    assert!(matches!(error, TrainError::TooFew { found: 3, needed: 8 }));
}

proptest! {
    #[test]
    fn any_bytes_come_back(body: Vec<u8>) {
        let packer = Packer::new(Vec::new());
        let stored = packer.pack(Kind::Tv, &body);
        prop_assert_eq!(packer.unpack(Kind::Tv, &stored).unwrap(), body);
    }

    #[test]
    fn damaged_bytes_never_panic(at: prop::sample::Index, byte: u8, id in 1..9u64) {
        let packer = Packer::new(Vec::new());
        let mut stored = packer.pack(Kind::Movie, &bodies(id..id + 1)[0]);
        let at = at.index(stored.len());
        stored[at] ^= byte;
        drop(packer.unpack(Kind::Movie, &stored));
        drop(packer.unpack(Kind::Movie, &stored[..at]));
    }

    #[test]
    fn random_bytes_never_panic(stored: Vec<u8>) {
        drop(Packer::new(Vec::new()).unpack(Kind::Movie, &stored));
    }
}

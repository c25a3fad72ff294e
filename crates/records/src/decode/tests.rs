//! What was kept comes back, and hostile bytes are errors.

use domain::{Kind, Reference};
use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        for kind in Kind::ALL {
            let key = match kind {
                Kind::Season => Key::season(1, 1),
                Kind::Episode => Key::episode(1, 1, 1),
                Kind::Reference => Key::reference(Reference::Countries),
                _ => Key::new(kind, 1, None, None).unwrap(),
            };
            // Most are refused; some are an empty object.
            drop(body_to_json(key, &bytes));
        }
    }
}

#[test]
fn fields_of_a_later_schema_are_an_error() {
    let mut body = Vec::new();
    wire::put_bytes(999, b"new", &mut body);
    let error = body_to_json(Key::movie(1), &body).unwrap_err();
    assert!(matches!(error, DecodeError::UnknownField { number: 999, .. }));
}

#[test]
fn fields_out_of_order_are_an_error() {
    let mut body = Vec::new();
    wire::put_bytes(3, b"b", &mut body);
    wire::put_bytes(2, b"a", &mut body);
    assert!(matches!(body_to_json(Key::movie(1), &body), Err(DecodeError::Malformed(_))));
}

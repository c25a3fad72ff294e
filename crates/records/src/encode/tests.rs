//! What counts as drift, and what is equal.

use domain::Reference;

use super::*;

#[track_caller]
fn check(json: &str, drift: &[(&str, &str, u64)]) {
    let encoded = encode(Key::movie(1), json.as_bytes()).unwrap();
    let found: Vec<_> = encoded.drift.iter().map(|d| (d.path.as_str(), d.found, d.count)).collect();
    assert_eq!(found, drift, "{json}");
}

#[test]
fn what_the_schema_does_not_know_is_counted_by_its_path() {
    check(
        r#"{"credits":{"cast":[{"new":1},{"new":2},{"new":null}]}}"#,
        &[("credits.cast[].new", "null", 1), ("credits.cast[].new", "number", 2)],
    );
    check(
        r#"{"watch/providers":{"results":{"US":{"x":{}},"DE":{"x":[]}}}}"#,
        &[
            ("watch/providers.results.*.x", "array", 1),
            ("watch/providers.results.*.x", "object", 1),
        ],
    );
}

#[test]
fn values_of_another_type_are_drift() {
    check(
        r#"{"vote_count":"many","genres":{},"adult":0}"#,
        &[("adult", "number", 1), ("genres", "object", 1), ("vote_count", "string", 1)],
    );
    check(
        r#"{"genres":[null,{"id":1.5}],"origin_country":["US",null]}"#,
        &[("genres[]", "null", 1), ("genres[].id", "number", 1), ("origin_country[]", "null", 1)],
    );
    check("[]", &[("", "array", 1)]);
}

#[test]
fn nulls_empties_and_odd_texts_of_known_fields_are_no_drift() {
    check(r#"{"genres":[],"runtime":null,"tagline":"","release_date":"","images":{}}"#, &[]);
    check(r#"{"release_date":"1999","poster_path":"/odd.jpg","popularity":-1.5e300}"#, &[]);
}

#[test]
fn equal_values_have_equal_bytes() {
    let bytes = |json: &str| encode(Key::movie(1), json.as_bytes()).unwrap().body;
    let first = bytes(r#"{"id":7,"popularity":7,"x":[7.0,{"b":1,"a":-0.0}],"title":null}"#);
    let second = bytes(r#"{"title":null,"x":[7,{"a":0,"b":1.0}],"popularity":70e-1,"id":7.0}"#);
    assert_eq!(first, second);
    assert_ne!(bytes(r#"{"title":null}"#), bytes("{}"));
}

#[test]
fn lists_of_reference_data_are_typed() {
    let countries = Key::reference(Reference::Countries);
    let encoded = encode(countries, br#"[{"iso_3166_1":"DE"},{}]"#).unwrap();
    assert_eq!(encoded.drift, []);
    let read: crate::proto::Reference = prost::Message::decode(encoded.body).unwrap();
    assert_eq!(read.countries.unwrap().items[0].iso_3166_1.as_deref(), Some("DE"));
}

//! Figures make no difference, all else does.

use domain::Kind;

use super::*;

const FIGURES: [&str; 3] = ["popularity", "vote_average", "vote_count"];

fn hashes(key: Key, json: &str) -> (ContentHash, ContentHash) {
    let body = crate::encode(key, json.as_bytes()).unwrap().body;
    (steady_hash(key, &body), ContentHash(*blake3::hash(&body).as_bytes()))
}

#[track_caller]
fn check(kind: &str, one: &str, other: &str, is_steady: bool) {
    let key: Key = format!("{kind}/1").parse().unwrap();
    let (one, other) = (hashes(key, one), hashes(key, other));
    assert_ne!(one.1, other.1, "the bodies differ");
    assert_eq!(one.0 == other.0, is_steady);
}

#[test]
fn figures_of_the_title_make_no_difference() {
    let one = r#"{"id":1,"popularity":1.5,"title":"a","vote_average":7,"vote_count":3}"#;
    check("movie", one, r#"{"id":1,"title":"a","popularity":1000.123}"#, true);
    check("movie", one, r#"{"id":1,"title":"b","popularity":1.5}"#, false);
    check("movie", one, r#"{"id":2,"popularity":1.5,"title":"a"}"#, false);
}

#[test]
fn figures_of_rows_make_no_difference() {
    let page = |votes: &str, title: &str| {
        let row = format!(r#"{{"id":7,"title":"{title}","vote_count":{votes}}}"#);
        format!(r#"{{"similar":{{"page":1,"results":[{row},{{"id":8}}]}}}}"#)
    };
    check("movie", &page("1", "a"), &page("1000000", "a"), true);
    check("movie", &page("1", "a"), &page("1", "b"), false);
    let cast = |figure: &str| format!(r#"{{"credits":{{"cast":[{{"id":3,{figure}"order":0}}]}}}}"#);
    check("tv", &cast(""), &cast(r#""popularity":3.5,"#), true);
    let images = |figure: &str| format!(r#"{{"images":{{"posters":[{{"width":5{figure}}}]}}}}"#);
    check("person", &images(""), &images(r#","vote_average":5.3,"vote_count":9"#), true);
    check("person", &images(""), &images(r#","height":9"#), false);
}

#[test]
fn a_figure_that_is_null_or_of_another_type_makes_no_difference() {
    let with = |figure: &str| format!(r#"{{"id":1,"title":null,"vote_average":{figure},"x":1}}"#);
    for figure in ["null", "\"7.5\"", "-1", "[]", "{}", "1e300"] {
        check("movie", &with("7.5"), &with(figure), true);
    }
    check("movie", r#"{"id":1}"#, r#"{"id":1,"vote_count":null}"#, true);
}

#[test]
fn null_empty_and_unknown_fields_make_a_difference() {
    check("movie", r#"{"id":1}"#, r#"{"id":1,"title":null}"#, false);
    check("movie", r#"{"id":1,"genres":[]}"#, r#"{"id":1}"#, false);
    check("movie", r#"{"id":1,"new":1}"#, r#"{"id":1,"new":2}"#, false);
    check("movie", r#"{"similar":{"results":[5]}}"#, r#"{"similar":{"results":[6]}}"#, false);
}

#[test]
fn where_a_row_ends_makes_a_difference() {
    let one = r#"{"credits":{"cast":[{"id":1,"name":"a"},{"id":2}]}}"#;
    check("movie", one, r#"{"credits":{"cast":[{"id":1},{"id":2,"name":"a"}]}}"#, false);
    check("movie", one, r#"{"credits":{"cast":[{"id":1,"name":"a"}],"crew":[{"id":2}]}}"#, false);
    check("movie", one, r#"{"credits":{"cast":[{"id":1,"name":"a"},{},{"id":2}]}}"#, false);
}

#[test]
fn an_authors_rating_is_no_figure() {
    let rated = |rating: u8| {
        let author = format!(r#"{{"author_details":{{"rating":{rating}}}}}"#);
        format!(r#"{{"reviews":{{"results":[{author}]}}}}"#)
    };
    check("movie", &rated(7), &rated(8), false);
}

#[test]
fn bytes_that_are_no_body_are_hashed_whole() {
    for bytes in [&[0xFF, 0xFF][..], &[0x7A, 1, 9], &[0], b"", &[0xF2, 1, 3, 0x12, 9, 1]] {
        let hash = steady_hash(Key::movie(1), bytes);
        assert_eq!(hash, ContentHash(*blake3::hash(bytes).as_bytes()));
    }
}

fn fields() -> impl Iterator<Item = &'static Field> {
    SCHEMA.messages().flat_map(|message| &message.fields)
}

#[test]
fn every_popularity_and_vote_is_marked_as_a_figure_and_nothing_else() {
    for field in fields() {
        let is_figure = FIGURES.contains(&field.key.as_str());
        assert_eq!(field.motion == Motion::Figure, is_figure, "{}", field.key);
    }
    assert!(Kind::ALL.into_iter().filter(|kind| SCHEMA.root(*kind).moves).count() > 5);
}

#[test]
fn no_map_holds_figures() {
    assert!(
        fields()
            .all(|field| field.motion == Motion::Still || !matches!(field.shape, Shape::Map(_)))
    );
}

proptest::proptest! {
    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Reference) {
            let mut out = Vec::new();
            put_steady(SCHEMA.root(kind), &bytes, &mut out);
        }
    }
}

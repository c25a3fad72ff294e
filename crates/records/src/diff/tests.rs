//! Differences are complete, readable and few.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "`json!` reads best without")]
fn check(before: Value, after: Value, lines: &[&str]) {
    let found: Vec<_> = diff(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(found, lines);
}

#[test]
fn fields_are_named_by_their_paths() {
    check(
        json!({"runtime": 139, "title": "a", "gone": null, "images": {"id": 1}}),
        json!({"runtime": 140, "title": "a", "softcore": false, "images": {"id": 2}, "x.y": 1}),
        &[
            "~ images.id: 1 → 2",
            "~ runtime: 139 → 140",
            "+ softcore: false",
            "+ [\"x.y\"]: 1",
            "- gone: null",
        ],
    );
}

#[test]
fn rows_are_matched_by_what_names_them() {
    check(
        json!({"genres": [{"id": 28, "name": "Action"}, {"id": 18, "name": "Drama"}]}),
        json!({"genres": [{"id": 12, "name": "Adventure"}, {"id": 18, "name": "Drame"}]}),
        &[
            "+ genres[id=12]: Adventure",
            "~ genres[id=18].name: \"Drama\" → \"Drame\"",
            "- genres[id=28]: Action",
        ],
    );
    check(
        json!([{"credit_id": "a", "id": 1, "name": "x", "job": "Editor"}, {"credit_id": "b", "id": 1}]),
        json!([{"credit_id": "b", "id": 1}]),
        &["- [credit_id=a]: x (Editor)"],
    );
    check(
        json!([{"iso_3166_1": "US", "iso_639_1": "en"}, {"iso_3166_1": "GB", "iso_639_1": "en"}]),
        json!([{"iso_3166_1": "GB", "iso_639_1": "en", "name": "y"}]),
        &["+ [iso_3166_1=GB,iso_639_1=en].name: \"y\"", "- [iso_3166_1=US,iso_639_1=en]: US"],
    );
}

#[test]
fn an_image_is_shown_by_its_size_and_language() {
    let image = json!({"file_path": "/a.jpg", "width": 1000, "height": 1500, "iso_639_1": null});
    check(json!([]), json!([image]), &["+ [file_path=/a.jpg]: 1000×1500, no language"]);
}

#[test]
fn rows_of_the_same_name_are_told_apart() {
    check(
        json!([{"id": 1, "v": 1}, {"id": 1, "v": 2}, {"id": 2}]),
        json!([{"id": 1, "v": 1}, {"id": 1, "v": 3}, {"id": 2}]),
        &["~ [id=1#2].v: 2 → 3"],
    );
}

#[test]
fn rows_without_a_name_are_matched_by_place() {
    check(
        json!([{"v": 1}, [2]]),
        json!([{"v": 1}, [3], null]),
        &["+ [1][]: 3", "- [1][]: 2", "+ [2]: null"],
    );
}

#[test]
fn another_order_is_one_difference() {
    let rows = |ids: &[u64]| -> Value { ids.iter().map(|id| json!({"id": id})).collect() };
    check(
        json!({"results": rows(&[1, 2, 3, 4])}),
        json!({"results": rows(&[4, 5, 2, 1])}),
        &[
            "+ results[id=5]: {\"id\":5}",
            "- results[id=3]: {\"id\":3}",
            "~ results[] order: 3 rows follow each other otherwise",
        ],
    );
    check(rows(&[1, 2]), rows(&[0, 1, 2]), &["+ [id=0]: {\"id\":0}"]);
}

#[test]
fn plain_values_are_members_of_sets_unless_one_comes_twice() {
    check(
        json!({"l": ["en", "de"]}),
        json!({"l": ["en", "fr"]}),
        &["+ l[]: \"fr\"", "- l[]: \"de\""],
    );
    check(
        json!({"l": [1, 2]}),
        json!({"l": [2, 1]}),
        &["~ l[] order: 2 rows follow each other otherwise"],
    );
    check(json!({"l": [1, 1]}), json!({"l": [1]}), &["~ l: [1,1] → [1]"]);
    check(json!({"l": []}), json!({"l": ["en"]}), &["+ l[]: \"en\""]);
}

#[test]
fn figures_are_marked_wherever_they_stand() {
    let body = |figure: Value, name: &str| json!({"vote_count": figure, "cast": [{"id": 1, "popularity": figure, "name": name}]});
    let found = diff(&body(json!(1), "a"), &body(json!(2.5), "a"));
    assert!(found.len() == 2 && found.iter().all(|difference| difference.is_figure));
    let found = diff(&body(json!(1), "a"), &body(json!(2.5), "b"));
    let rest: Vec<_> = found.iter().filter(|difference| !difference.is_figure).collect();
    assert!(rest.len() == 1 && rest[0].path == "cast[id=1].name");
    assert!(diff(&json!({"vote_average": 7}), &json!({})).iter().all(|found| found.is_figure));
    assert!(diff(&json!({"vote_average": 7}), &json!({"vote_average": 7.0})).is_empty());
    assert!(!diff(&json!({"rating": 7}), &json!({"rating": 8}))[0].is_figure);
}

#[test]
fn long_values_are_cut_where_they_differ() {
    let text = |end: &str| json!({"overview": format!("{}{end}", "word ".repeat(40))});
    check(
        text("one"),
        text("two\u{1b}[31m"),
        &["~ overview: …\"word word word one\" → …\"word word word two\\u001b[31m\""],
    );
    let long = "x".repeat(100);
    check(json!({}), json!({"a": long}), &[&format!("+ a: \"{}…", "x".repeat(59))]);
    check(
        json!({}),
        json!({"a": [{"name": "x\u{9b}y"}, {"id": 2}]}),
        &["+ a: 2 rows: x y, {\"id\":2}"],
    );
    check(json!(1), json!(null), &["~ (all): 1 → null"]);
}

fn value() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec!["id", "name", "credit_id", "popularity", "type", "x"]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3u8).prop_map(Value::from),
        Just(json!(1.0)),
        "[a-b]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let fields = prop::collection::btree_map(names.clone(), inner.clone(), 0..5);
        let object = fields.prop_map(|fields| {
            Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        });
        prop_oneof![2 => object, 1 => prop::collection::vec(inner, 0..5).prop_map(Value::from)]
    })
}

proptest! {
    #[test]
    fn equal_values_have_no_differences_and_others_have(before in value(), after in value()) {
        prop_assert_eq!(diff(&before, &before), vec![]);
        prop_assert_eq!(diff(&before, &after).is_empty(), is_same(&before, &after));
    }

    #[test]
    fn a_difference_has_two_sides_that_differ(before in value(), after in value()) {
        for found in diff(&before, &after) {
            prop_assert_ne!(&found.before, &found.after, "{}", found.path);
            prop_assert!(!found.to_string().contains('\n'));
        }
    }
}

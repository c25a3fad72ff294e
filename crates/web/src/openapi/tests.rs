//! The document holds together; a validator of others' looks at it in the clients' tests.

use std::collections::BTreeSet;

use super::*;
use crate::tmdb::endpoints::{self, Answers};

/// Every text under a key, anywhere.
fn gather<'a>(value: &'a Value, wanted: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value.as_str() {
                    Some(text) if key == wanted => found.push(text),
                    _ => gather(value, wanted, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, wanted, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut refers = vec![];
    gather(&document, "$ref", &mut refers);
    assert!(refers.len() > 200, "{}", refers.len());
    for refer in refers {
        let pointer = refer.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{refer}");
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let document = document();
    let mut names = vec![];
    gather(&document["paths"], "operationId", &mut names);
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
}

#[test]
fn all_that_is_answered_is_described_and_nothing_else() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    for endpoint in endpoints::all() {
        let is_answered = !matches!(endpoint.answers, Answers::Beyond(_));
        assert_eq!(paths.contains_key(endpoint.path), is_answered, "{}", endpoint.path);
    }
}

#[test]
fn every_parameter_of_a_path_is_described() {
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for segment in path.split('/').filter_map(|one| one.strip_prefix('{')) {
                let name = segment.trim_end_matches('}');
                let is_described = parameters.iter().any(|one| one["name"] == name);
                assert!(is_described, "{method} {path}");
            }
        }
    }
}

#[test]
fn the_notices_stand_in_the_document_and_on_the_pages() {
    let document = document();
    let said = document["info"]["description"].as_str().unwrap();
    assert!(said.contains(domain::TMDB_NOTICE) && said.contains(domain::JUSTWATCH_NOTICE));
}

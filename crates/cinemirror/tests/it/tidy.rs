//! Guards the structure, as far as a machine can.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which of our crates each crate may use. A new arrow needs a sentence of why
/// in ARCHITECTURE.md.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("tmdb", &["domain"]),
    ("records", &["domain"]),
    ("store", &["domain", "records"]),
    ("pipeline", &["domain", "tmdb", "records"]),
    ("fake-tmdb", &["domain"]),
    ("export", &["domain", "records"]),
    ("web", &["domain", "records", "pipeline"]),
    ("testbed", &[]),
    (
        "cinemirror",
        &["domain", "tmdb", "records", "store", "pipeline", "export", "web", "fake-tmdb"],
    ),
];

/// No file of Rust is longer; what grows past it has two things in it.
const LINES: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn dependencies(manifest: &Path) -> Vec<String> {
    let table: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
    let names = table["dependencies"].as_table().unwrap().keys();
    names.cloned().collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_rust_files() -> Vec<PathBuf> {
    let mut found = vec![];
    rust_files(&root().join("crates"), &mut found);
    rust_files(&root().join("xtask"), &mut found);
    found
}

#[test]
fn crates_use_only_what_the_table_allows() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let may = allowed.get(name.as_str());
        let may = may.unwrap_or_else(|| panic!("crates/{name} is not in the table of tidy.rs"));
        for dependency in dependencies(&folder.join("Cargo.toml")) {
            let is_ours = allowed.contains_key(dependency.as_str());
            assert!(
                !is_ours || may.contains(&dependency.as_str()),
                "crates/{name} must not use {dependency}"
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for path in all_rust_files() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not open with //!", path.display());
    }
}

#[test]
fn no_file_is_longer_than_one_can_hold_in_the_head() {
    for path in all_rust_files() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_map_is_short() {
    let lines = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap().lines().count();
    assert!(lines <= 160, "ARCHITECTURE.md has {lines} lines");
}

#[test]
fn the_readme_opens_with_the_two_commands() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    for command in ["cargo run --release -- demo", "cargo xtask test"] {
        let place = text.find(command);
        assert!(
            place.is_some_and(|place| place < 1_500),
            "README.md does not open with `{command}`"
        );
    }
}

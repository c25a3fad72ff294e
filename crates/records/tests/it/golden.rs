//! Records as they were stored once stay readable, and stay the same bytes.
//!
//! The bodies are invented. `UPDATE_GOLDEN=1` writes the files of a new
//! version of the schema; those of older versions are never touched.

use std::path::{Path, PathBuf};

use domain::{Key, Kind, Timestamp};
use records::Packer;

use crate::equal::assert_equal;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/v1")
}

pub(crate) fn bodies() -> Vec<(Key, PathBuf)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut bodies: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        .map(|file| (key(file.file_stem().unwrap().to_str().unwrap()), file))
        .collect();
    bodies.sort();
    bodies
}

/// `season-1396-1` is the key `tv/1396/season/1`.
fn key(name: &str) -> Key {
    let (kind, rest) = name.split_once('-').unwrap();
    let path = match (kind, rest.split('-').collect::<Vec<_>>()[..].as_ref()) {
        ("reference", _) => format!("reference/{rest}"),
        ("season", [tv, season]) => format!("tv/{tv}/season/{season}"),
        ("episode", [tv, season, episode]) => format!("tv/{tv}/season/{season}/episode/{episode}"),
        _ => format!("{kind}/{rest}"),
    };
    path.parse().unwrap()
}

#[test]
fn stored_records_of_version_1_read_as_they_did() {
    let packer = Packer::new(Vec::new());
    for (key, file) in bodies() {
        let json = std::fs::read(&file).unwrap();
        let (record, _) = records::record(key, &json, "", Timestamp::default()).unwrap();
        let (body, packed) = (file.with_extension("bin"), file.with_extension("packed"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&body, &record.body).unwrap();
            std::fs::write(&packed, packer.pack(key.kind(), &record.body)).unwrap();
        }
        let name = file.display().to_string();
        assert_eq!(std::fs::read(&body).unwrap(), record.body, "{name} has other bytes by now");
        let unpacked = packer.unpack(key.kind(), &std::fs::read(&packed).unwrap()).unwrap();
        assert_eq!(unpacked, record.body, "{name} unpacks to other bytes by now");
        let back = records::to_value(&record).unwrap();
        assert_equal(&serde_json::from_slice(&json).unwrap(), &back, &name);
    }
}

/// The archive hashes both bodies anew, but whoever keeps a hash may rely on it.
#[test]
fn steady_hashes_of_version_1_are_what_they_were() {
    let hash = |(key, file): &(Key, PathBuf)| {
        let body = std::fs::read(file.with_extension("bin")).unwrap();
        format!("{key} {}\n", records::steady_hash(*key, &body))
    };
    let hashes: String = bodies().iter().map(hash).collect();
    let file = folder().join("steady.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &hashes).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), hashes);
}

#[test]
fn a_stored_patch_reads_as_it_did() {
    let [season, episode] = ["season-1396-1.bin", "episode-1396-1-2.bin"]
        .map(|name| std::fs::read(folder().join(name)).unwrap());
    let file = folder().join("episode-on-season.patch");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, records::patch(&season, &episode)).unwrap();
    }
    let patch = std::fs::read(file).unwrap();
    assert_eq!(records::unpatch(&season, &patch, episode.len()).unwrap(), episode);
}

#[test]
fn every_kind_has_a_stored_record() {
    for kind in Kind::ALL {
        assert!(bodies().iter().any(|(key, _)| key.kind() == kind), "{kind}");
    }
}

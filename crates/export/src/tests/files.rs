//! Files and their manifest.

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, RowAccessor};
use serde_json::json;

use super::*;

#[tokio::test]
async fn parquet_reads_back_as_the_rows_that_went_in() {
    let mirror = Mirror::new(20, 3).await;
    let manifest = mirror.export("full", &plan(Format::Parquet, 1)).await.unwrap();
    let open = |table: Table| {
        let file = manifest.files_of(table).next().unwrap();
        SerializedFileReader::new(bytes::Bytes::from(mirror.read("full", &file.name))).unwrap()
    };
    let works: Vec<_> =
        open(Table::Works).get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(works.len(), 20);
    let wanted = movie(7, day(0));
    assert_eq!(works[6].get_string(0).unwrap(), "movie");
    assert_eq!(works[6].get_long(1).unwrap(), 7);
    assert!(matches!(works[6].get_column_iter().nth(2), Some((_, Field::Null))), "imdb_id");
    assert_eq!(works[6].get_string(3).unwrap(), &wanted.row.title);
    let genres = works[6].get_list(9).unwrap().elements();
    assert_eq!(genres.len(), wanted.row.genres.len());
    let people: Vec<_> =
        open(Table::People).get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(people[2].get_string(2).unwrap(), "Person \"3\"\n");
    assert_eq!(people[2].get_list(3).unwrap().elements()[0], Field::Str(String::new()));
    assert_eq!(people[2].get_column_iter().nth(5).unwrap().1, &Field::Date(-2_206));
    assert_eq!(people[2].get_column_iter().nth(6).unwrap().1, &Field::Null);
    let at = people[2].get_timestamp_millis(13).unwrap();
    assert_eq!(at, day(0).as_millis());
    let credits = open(Table::Credits);
    assert_eq!(credits.metadata().file_metadata().num_rows(), 20 * 18);
    let ids = credits.metadata().row_group(0).column(1).statistics().unwrap();
    assert_eq!((ids.min_bytes_opt().unwrap()[0], ids.max_bytes_opt().unwrap()[0]), (1, 20));
}

#[tokio::test]
async fn ndjson_has_every_column_in_every_row() {
    let mut mirror = Mirror::new(2, 1).await;
    mirror.entries = vec![entry("movie.popular", 1, 2), entry("movie.popular", 2, 1)];
    let manifest = mirror.export("full", &plan(Format::Ndjson, 1)).await.unwrap();
    let people = mirror.rows("full", &manifest, Table::People);
    let wanted = json!({
        "tmdb_id": 1, "imdb_id": null, "name": "Person \"1\"\n", "also_known_as": ["", "Änne"],
        "biography": null, "birthday": "1963-12-18", "deathday": null, "place_of_birth": null,
        "known_for_department": null, "gender": null, "popularity": 0.0, "profile_path": null,
        "adult": false, "fetched_at": "2026-01-01T00:00:00.000Z",
    });
    assert_eq!(people, [wanted]);
    for table in Table::CHOICE {
        let names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
        for row in mirror.rows("full", &manifest, table) {
            let found = row.as_object().unwrap();
            assert_eq!(found.len(), names.len(), "{table}: {row}");
            assert!(names.iter().all(|name| found.contains_key(*name)), "{table}: {row}");
        }
    }
    let works = mirror.rows("full", &manifest, Table::Works);
    assert_eq!(works[0]["keywords"].as_array().unwrap().len(), 2);
    assert_eq!((&works[0]["networks"], &works[0]["tagline"]), (&json!([]), &json!(null)));
    assert_eq!(mirror.rows("full", &manifest, Table::ListEntries).len(), 2);
}

#[tokio::test]
async fn a_manifest_names_every_file_with_its_rows_and_hash() {
    let mirror = Mirror::new(50, 5).await;
    for (name, format) in [("p", Format::Parquet), ("n", Format::Ndjson)] {
        let manifest = mirror.export(name, &plan(format, 1)).await.unwrap();
        assert_eq!(Manifest::read(&mirror.place(name)).await.unwrap().unwrap(), manifest);
        assert_eq!(manifest.files.len(), 10);
        let mut found: Vec<_> =
            std::fs::read_dir(mirror.folder.path().join(name)).unwrap().collect();
        assert_eq!(found.drain(..).count(), 11, "the manifest, and nothing besides");
        for file in &manifest.files {
            let bytes = mirror.read(name, &file.name);
            assert_eq!(bytes.len() as u64, file.bytes, "{}", file.name);
            assert_eq!(blake3::hash(&bytes).to_hex().as_str(), file.blake3, "{}", file.name);
        }
        assert_eq!(manifest.files_of(Table::Keys).next().unwrap().rows, 55);
        assert_eq!(manifest.version, "20260102T000000000Z");
        assert_eq!(manifest.notices, [domain::TMDB_NOTICE, domain::JUSTWATCH_NOTICE]);
    }
}

#[tokio::test]
async fn the_same_mirror_gives_the_same_files() {
    let mirror = Mirror::new(300, 20).await;
    let one = mirror.export("one", &plan(Format::Parquet, 1)).await.unwrap();
    let two = mirror.export("two", &plan(Format::Parquet, 2)).await.unwrap();
    assert_eq!(one.files, two.files);
}

#[tokio::test]
async fn a_large_file_is_followed_by_another() {
    let mirror = Mirror::new(9_000, 0).await;
    let small = Plan { file_bytes: 1, tables: vec![Table::Credits], ..plan(Format::Ndjson, 1) };
    let manifest = mirror.export("full", &small).await.unwrap();
    let names: Vec<&str> =
        manifest.files_of(Table::Credits).map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["credits-00000.ndjson", "credits-00001.ndjson"]);
    let rows = mirror.rows("full", &manifest, Table::Credits);
    assert_eq!(rows.len(), 9_000 * 18);
    assert_eq!(rows.last().unwrap()["tmdb_id"], 9_000);
}

#[tokio::test]
async fn what_is_too_old_is_left_out_and_the_rest_says_until_when() {
    let mirror = Mirror::new(3, 1).await;
    mirror.movies.lock().unwrap().insert(2, day(50));
    let manifest = mirror.export("full", &plan(Format::Ndjson, 181)).await.unwrap();
    let works = mirror.rows("full", &manifest, Table::Works);
    assert_eq!((works.len(), &works[0]["tmdb_id"]), (1, &json!(2)));
    assert_eq!(manifest.left_out_as_too_old, 3);
    assert_eq!(manifest.oldest_fetched_at, Some(day(50)));
    assert_eq!(manifest.delete_by, Some(day(230)));
    assert_eq!(manifest.files_of(Table::Keys).next().unwrap().rows, 1);
}

#[tokio::test]
async fn an_interrupted_export_has_no_manifest_and_is_gone_over() {
    let mirror = Mirror::new(5, 0).await;
    let folder = mirror.folder.path().join("full");
    mirror.export("full", &plan(Format::Parquet, 1)).await.unwrap();
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    std::fs::write(folder.join("works-00007.parquet"), "half").unwrap();
    std::fs::write(folder.join("works-00008.parquet#1"), "half").unwrap();
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    let manifest = mirror.export("full", &plan(Format::Ndjson, 1)).await.unwrap();
    let left = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(left, manifest.files.len() + 2, "files, manifest, and the notes");
    assert!(folder.join("notes.txt").exists());

    let again = mirror.export("full", &plan(Format::Ndjson, 1)).await;
    assert!(refusal(again).contains("--replace"));
    let replace = Plan { replace: true, ..plan(Format::Parquet, 2) };
    mirror.export("full", &replace).await.unwrap();
    assert!(!folder.join("works-00000.ndjson").exists());
}

#[tokio::test]
async fn an_export_that_fails_leaves_no_manifest() {
    let mirror = Mirror::new(5, 0).await;
    let folder = mirror.folder.path().join("full");
    std::fs::create_dir_all(&folder).unwrap();
    // A folder lies where a file is to be.
    std::fs::create_dir_all(folder.join("credits-00000.parquet/x")).unwrap();
    let error = refusal(mirror.export("full", &plan(Format::Parquet, 1)).await);
    assert!(error.contains("credits-00000.parquet"), "{error}");
    assert!(!folder.join("manifest.json").exists());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_reason() {
    use domain::Kind;
    let mirror = Mirror::new(1, 1).await;
    let parquet = || plan(Format::Parquet, 1);
    for (plan, says) in [
        (Plan { kinds: vec![Kind::Company], ..parquet() }, "--format protobuf"),
        (
            Plan { kinds: vec![Kind::Movie], tables: vec![Table::People], ..parquet() },
            "people has no rows of movie",
        ),
        (
            Plan { tables: vec![Table::Works], ..plan(Format::Protobuf, 1) },
            "--tables is for parquet and ndjson",
        ),
    ] {
        let error = refusal(mirror.export("x", &plan).await);
        assert!(error.contains(says), "{error}");
    }
    assert!(refusal(Place::open("s3://", &[])).contains("s3://BUCKET/PREFIX"));
    let secret = refusal(Place::open("s3://key:hush@films/x", &[]));
    assert!(!secret.contains("hush"), "{secret}");
}

#[tokio::test]
async fn files_go_to_an_object_store_in_parts() {
    let mirror = Mirror::new(8_000, 0).await;
    let store = Arc::new(object_store::memory::InMemory::new());
    let place = Place::over(store, "exports/one");
    let stores = Stores { archive: Arc::clone(&mirror.archive), catalog: mirror.catalog() };
    let plain = Plan { tables: vec![Table::Works], ..plan(Format::Ndjson, 1) };
    let manifest = export(&stores, &place, &plain, None, &|_| ()).await.unwrap();
    let works = manifest.files_of(Table::Works).next().unwrap();
    assert!(works.bytes > 6 << 20, "only {} bytes: that is one part", works.bytes);
    let bytes = place.read(&works.name).await.unwrap().unwrap();
    assert_eq!(blake3::hash(&bytes).to_hex().as_str(), works.blake3);
    let target = Place::over_same(&place, "exports/two");
    let found = Base::find(&manifest.version, &target, &[]).await.unwrap();
    assert_eq!(found.manifest, manifest);
}

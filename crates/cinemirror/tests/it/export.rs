//! Exports, read by those who are to read them: pyarrow, pandas and DuckDB.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::mirror::{Mirror, stderr};

/// Python with the packages that `cargo xtask test` sets up.
fn python() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CINEMIRROR_TEST_PYTHON") {
        return Some(path.into());
    }
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!is_ci, "Python with pyarrow, pandas and duckdb is missing: run `cargo xtask test`");
    own.exists().then_some(own)
}

/// Reads every table by all three, and prints what each found as JSON.
const READ: &str = r#"
import glob, json, sys
import duckdb, pandas, pyarrow.parquet

folder, found = sys.argv[1], {}
for table in ["works", "credits", "ratings", "providers", "videos", "similar", "people", "series", "list_entries"]:
    files = sorted(glob.glob(f"{folder}/{table}-*.parquet"))
    found[table] = [
        sum(pyarrow.parquet.read_table(file).num_rows for file in files),
        sum(len(pandas.read_parquet(file)) for file in files),
        duckdb.sql(f"SELECT count(*) FROM '{folder}/{table}-*.parquet'").fetchall()[0][0],
    ]
works = f"'{folder}/works-*.parquet'"
schema = pyarrow.parquet.read_schema(glob.glob(f"{folder}/works-*.parquet")[0])
frame = pandas.concat(pandas.read_parquet(file) for file in sorted(glob.glob(f"{folder}/works-*.parquet")))
found["types"] = {name: str(schema.field(name).type) for name in ["tmdb_id", "release_date", "genres", "fetched_at"]}
found["arrow"] = [str(day) for day in pyarrow.parquet.read_table(glob.glob(f"{folder}/works-*.parquet")[0])["release_date"].to_pylist()]
found["pandas"] = [[int(row.tmdb_id), row.title, list(row.genres)] for row in frame.itertuples()]
found["duckdb"] = [list(row) for row in duckdb.sql(
    f"SELECT tmdb_id, title, genres, strftime(release_date, '%Y-%m-%d'), vote_count FROM {works} ORDER BY kind, tmdb_id"
).fetchall()]
found["genres"] = duckdb.sql(f"SELECT count(*) FROM (SELECT unnest(genres) FROM {works})").fetchall()[0][0]
print(json.dumps(found))
"#;

#[test]
fn pyarrow_pandas_and_duckdb_read_what_the_catalogue_holds() {
    let Some(python) = python() else {
        println!("not run: `cargo xtask test` sets up Python with pyarrow, pandas and duckdb");
        return;
    };
    let mirror = Mirror::generated(120);
    mirror.json(&["run", "custom", "--source", "export.movie", "--source", "movie.popular"]);
    let manifest = mirror.json(&["export", "--to", "full", "--kind", "movie,person"]);
    let script = mirror.folder.path().join("read.py");
    std::fs::write(&script, READ).unwrap();
    let output =
        Command::new(python).arg(script).arg(mirror.folder.path().join("full")).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for entry in manifest["tables"].as_array().unwrap() {
        let rows = &entry["rows"];
        assert_eq!(found[entry["table"].as_str().unwrap()], json!([rows, rows, rows]), "{entry}");
    }
    let types = json!({
        "tmdb_id": "int64", "release_date": "date32[day]",
        "genres": "list<element: string not null>", "fetched_at": "timestamp[ms, tz=UTC]",
    });
    assert_eq!(found["types"], types);

    let page = mirror.json(&["query", "--type", "movie", "--limit", "500", "--adult"]);
    let mut movies = page["works"].as_array().unwrap().clone();
    movies.sort_by_key(|movie| movie["tmdb_id"].as_u64());
    assert!(movies.len() > 100, "{} movies", movies.len());
    let rows = |fields: &[&str]| -> Value {
        let row = |movie: &Value| fields.iter().map(|field| movie[field].clone()).collect();
        movies.iter().map(row).collect::<Vec<Value>>().into()
    };
    let wanted = rows(&["tmdb_id", "title", "genres", "release_date", "vote_count"]);
    assert_eq!(found["duckdb"], wanted);
    assert_eq!(found["pandas"], rows(&["tmdb_id", "title", "genres"]));
    let dates = movies.iter().map(|movie| movie["release_date"].as_str().unwrap_or("None"));
    assert_eq!(found["arrow"], Value::from(dates.collect::<Vec<_>>()));
    let genres: usize = movies.iter().map(|it| it["genres"].as_array().unwrap().len()).sum();
    assert_eq!(found["genres"], genres);
}

#[test]
fn an_export_to_s3_is_taken_back_from_it() {
    let s3 = testbed::s3::S3::start().unwrap();
    s3.bucket("films").unwrap();
    let mirror = Mirror::generated(40);
    mirror.json(&["run", "custom", "--source", "export.movie"]);
    let run = |arguments: &[&str]| {
        let mut command = mirror.command(&[&["--json", "-q"], arguments].concat());
        let output = command.envs(s3.environment()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text}{}", stderr(&output));
        assert!(!text.contains(testbed::s3::SECRET));
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let packs = run(&["export", "--format", "protobuf", "--to", "s3://films/exports/one"]);
    let imported = run(&["import", "s3://films/exports/one", "--store", "sqlite:other.db"]);
    assert_eq!(imported["created"], packs["tables"][0]["rows"]);
    let version = packs["version"].as_str().unwrap();
    let delta = run(&["export", "--to", "s3://films/exports/two", "--since", version]);
    let rows: Vec<&Value> =
        delta["tables"].as_array().unwrap().iter().map(|entry| &entry["rows"]).collect();
    assert_eq!((&delta["format"], rows), (&json!("protobuf"), vec![&json!(0), &json!(0)]));

    // The same mirror, and so the same files, hash by hash.
    let tables = ["export", "--to", "one"];
    let one = run(&tables);
    let two =
        run(&["export", "--to", "two", "--store", "sqlite:other.db", "--kind", "movie,tv,person"]);
    let hashes = |manifest: &Value| -> Vec<Value> {
        let files = manifest["files"].as_array().unwrap();
        let is_in_both =
            |file: &&Value| file["table"] != "list_entries" && file["table"] != "series";
        files.iter().filter(is_in_both).map(|file| file["blake3"].clone()).collect()
    };
    assert_eq!(hashes(&one), hashes(&two));
}

#[test]
fn what_makes_no_sense_ends_as_misuse() {
    let mirror = Mirror::generated(10);
    mirror.json(&["run", "custom", "--source", "export.movie"]);
    mirror.json(&["export", "--to", "full", "--format", "ndjson", "--kind", "movie"]);
    for (arguments, says) in [
        (vec!["export", "--to", "full"], "--replace"),
        (vec!["export", "--to", "new", "--since", "nowhere"], "there is no export"),
        (vec!["export", "--to", "new", "--kind", "company"], "--format protobuf"),
        (vec!["import", "full"], "--format protobuf"),
        (vec!["import", "nowhere"], "no manifest.json"),
    ] {
        let output = mirror.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{arguments:?}: {}", stderr(&output));
    }
}

//! Ratings of other sources, from a file to the score of a title.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::mirror::{Mirror, stderr};

impl Mirror {
    fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    fn movies(&self) -> Vec<Value> {
        let page = self.json(&["query", "--type", "movie", "--sort", "score", "--limit", "500"]);
        page["works"].as_array().unwrap().clone()
    }

    /// A title's summary, with its score and ratings.
    fn summary(&self, movie: &Value) -> Value {
        self.json(&["get", "movie", &movie["tmdb_id"].to_string(), "--summary"])
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(vec![], Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// IMDb's file, in which one title is much better than all others.
fn imdb_file(movies: &[Value], best: &Value) -> String {
    let lines = movies.iter().filter_map(|movie| movie["imdb_id"].as_str()).map(|id| {
        let value = if id == best["imdb_id"] { 9.9 } else { 2.5 };
        format!("{id}\t{value}\t500000\n")
    });
    "tconst\taverageRating\tnumVotes\n".to_owned() + &lines.collect::<Vec<_>>().concat()
}

#[test]
fn imdbs_ratings_move_scores_and_survive_a_rebuild() {
    let mirror = Mirror::generated(60);
    mirror.json(&["run", "custom", "--source", "export.movie"]);
    let movies = mirror.movies();
    let has_imdb_id = |movie: &&Value| movie["imdb_id"].is_string();
    let with_id = movies.iter().filter(has_imdb_id).count();
    assert!(with_id > 5, "{movies:?}");
    // The worst by TMDB's votes becomes the best.
    let best = movies.iter().rev().find(has_imdb_id).unwrap();
    let before = mirror.fingerprint(&[]);
    mirror.write("title.ratings.tsv.gz", &gzip(&imdb_file(&movies, best)));
    let import = ["ratings", "import", "title.ratings.tsv.gz", "--source", "IMDb"];
    let imported = mirror.json(&import);
    let wanted = json!({"ratings": with_id, "titles": with_id, "bad_lines": 0, "first_bad": null});
    assert_eq!(imported, wanted);
    assert_eq!(mirror.movies()[0]["tmdb_id"], best["tmdb_id"]);
    let work = mirror.summary(best);
    let imdb = work["ratings"].as_array().unwrap().iter().find(|one| one["source"] == "imdb");
    assert_eq!((&imdb.unwrap()["value"], &imdb.unwrap()["votes"]), (&json!(9.9), &json!(500_000)));
    let score = &work["score"];
    let [low, value, high] = ["low", "value", "high"].map(|name| score[name].as_f64().unwrap());
    assert!(low < value && value < high && value > 80.0, "{score}");
    assert_eq!(work["score_0_100"], score["value"]);
    let text = mirror.run(&["get", "movie", &best["tmdb_id"].to_string(), "--summary"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("of 100 (") && text.contains("imdb"), "{text}");

    let after = mirror.fingerprint(&[]);
    mirror.json(&["rebuild"]);
    assert_eq!(mirror.fingerprint(&[]), after);
    let listed = mirror.json(&["ratings", "list"]);
    assert_eq!((&listed[0]["source"], &listed[0]["titles"]), (&json!("imdb"), &json!(with_id)));
    let forgotten = mirror.json(&["ratings", "forget", "--source", "imdb"]);
    assert_eq!(forgotten["ratings"], with_id);
    assert_eq!(mirror.fingerprint(&[]), before);
    let again = mirror.run(&["ratings", "forget", "--source", "imdb"]);
    assert_eq!(again.status.code(), Some(3));
}

#[test]
fn ratings_may_come_before_the_titles() {
    let mirror = Mirror::generated(10);
    mirror.write("own.csv", b"kind,tmdb_id,value,scale,votes\nmovie,999999999,4,5,10\n");
    mirror.json(&["ratings", "import", "own.csv", "--source", "own"]);
    mirror.json(&["run", "custom", "--source", "export.movie"]);
    let movie = mirror.movies().swap_remove(0);
    let id = &movie["tmdb_id"];
    let text = format!("kind,tmdb_id,value,scale,votes\nmovie,{id},4,5,10\n");
    mirror.write("own.csv", text.as_bytes());
    // Into a store of its own, which collects the title afterwards.
    let fresh = ["--store", "sqlite:fresh.db"];
    let run = |arguments: &[&str]| mirror.json(&[&fresh[..], arguments].concat());
    let imported = run(&["ratings", "import", "own.csv", "--source", "own"]);
    assert_eq!((&imported["ratings"], &imported["titles"]), (&json!(1), &json!(0)));
    run(&["collect", &format!("movie/{id}")]);
    let work = run(&["get", &format!("movie/{id}"), "--summary"]);
    let names: Vec<_> =
        work["score"]["sources"].as_array().unwrap().iter().map(|one| &one["source"]).collect();
    assert!(names.contains(&&json!("own")), "{work}");
}

#[test]
fn a_file_that_makes_no_sense_says_what_and_where() {
    let mirror = Mirror::generated(10);
    mirror.write("half.csv", b"imdb_id,value,votes\ntt1,8,9\nfilm,8,9\ntt2,9,x\n");
    let output = mirror.run(&["ratings", "import", "half.csv", "--source", "imdb"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains("2 lines") && text.contains("line 3: `film`"), "{text}");
    mirror.write("wrong.csv", b"title,stars\nMatrix,5\n");
    for (arguments, says) in [
        (["wrong.csv", "--source", "imdb"], "wrong.csv: its heading"),
        (["none.csv", "--source", "imdb"], "none.csv: cannot be opened"),
        (["half.csv", "--source", "TMDB"], "in its records"),
        (["half.csv", "--source", "a b"], "names no source"),
    ] {
        let output = mirror.run(&[&["ratings", "import"][..], &arguments].concat());
        assert!(!output.status.success(), "{arguments:?} was taken");
        assert!(stderr(&output).contains(says), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn the_help_tells_of_imdbs_terms() {
    let mirror = Mirror::generated(10);
    let help = mirror.run(&["ratings", "import", "--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("non-commercial use only"));
}

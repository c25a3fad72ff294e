//! What the command says, and which exit codes it ends with.

use std::sync::Arc;

use fake_tmdb::{Generated, Options};

use testbed::postgres::shared;

use crate::mirror::{KEY, Mirror, bare, stderr, today};

/// Collects with a key that TMDB refuses.
#[track_caller]
fn check_refused(key: &str, says: &str) {
    let mut options = Options::new(Arc::new(Generated::starting(50, 7, today())));
    options.start = today();
    options.key = Some(KEY.to_owned());
    let mirror = Mirror::with(options);
    let harvested = mirror.json(&["harvest", "--source", "export.movie"]);
    let output = mirror.command(&["collect"]).env("TMDB_API_KEY", key).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    assert!(said.contains(says) && !said.contains(key), "{said}");
    let queue = mirror.json(&["status"])["queue"].clone();
    assert_eq!(queue["ready"], harvested["figures"]["queued"], "{queue}");
    assert_eq!((&queue["leased"], &queue["dead"]), (&0.into(), &0.into()), "{queue}");
}

#[test]
fn a_wrong_key_is_one_clear_error_and_loses_nothing() {
    check_refused("ffffffffffffffffffffffffffffffff", "TMDB_API_KEY");
}

#[test]
fn a_suspended_key_is_one_clear_error_and_loses_nothing() {
    check_refused("00000000000000000000000000000000", "suspended");
}

#[test]
fn the_key_is_in_no_output_and_not_in_the_store() {
    let mirror = Mirror::generated(20);
    let mut said = String::new();
    for arguments in [
        &["-vv", "run", "custom", "--source", "movie.popular", "--pages", "1"][..],
        &["-vv", "doctor"],
        &["config", "check"],
        &["--json", "api-calls", "--limit", "100"],
        &["--json", "status"],
    ] {
        let output = mirror.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        said.push_str(&String::from_utf8_lossy(&output.stdout));
        said.push_str(&stderr(&output));
    }
    assert!(said.contains("movie/popular"), "{said}");
    assert!(!said.contains(KEY), "{said}");
    for file in std::fs::read_dir(mirror.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(KEY), "the store holds the key");
    }
}

#[test]
fn a_command_line_that_makes_no_sense_has_an_exit_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["get", "movie"][..],
        &["get", "foo", "3"],
        &["history", "movie", "1", "--season", "2"],
        &["run", "quick", "--include-trending"],
        &["queue", "redrive"],
        &["schedule", "pause", "nope"],
        &["--nonsense"],
    ] {
        let output = bare(arguments).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn without_a_key_the_error_says_where_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = bare(&["run", "quick"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("TMDB_API_KEY"), "{}", stderr(&output));
}

/// Ends at once, for a person must change a setting: a service must not start it again.
#[track_caller]
fn check_misconfigured(mirror: &Mirror, arguments: &[&str], set: (&str, &str), says: &str) {
    let output = mirror.command(arguments).env(set.0, set.1).output().unwrap();
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(error.matches(says).count(), 1, "{error}");
}

#[test]
fn a_wrong_setting_has_the_exit_code_that_says_so() {
    let mirror = Mirror::generated(10);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check_misconfigured(&mirror, &["up"], ("TMDB_API_KEY", ""), "there is no TMDB credential");
    check_misconfigured(&mirror, &["up"], ("TMDB_API_KEY", "abc"), "is neither an API key");
    let listen = ("CINEMIRROR__SERVE__LISTEN", address.as_str());
    check_misconfigured(&mirror, &["up"], listen, "serve.listen chooses another");
    check_misconfigured(&mirror, &["serve"], listen, "serve.listen chooses another");
    let bodies = ("CINEMIRROR__ARCHIVE__URL", "films");
    check_misconfigured(&mirror, &["worker"], bodies, "names no place where bodies can lie: use");
    let store = ("DATABASE_URL", "house.db");
    check_misconfigured(&mirror, &["worker"], store, "use sqlite:house.db");
}

#[test]
fn a_postgresql_that_has_no_such_database_is_not_waited_for() {
    let mirror = Mirror::generated(10);
    let url = shared().url("nowhere");
    let says = "FATAL: database \"nowhere\" does not exist";
    check_misconfigured(&mirror, &["worker"], ("DATABASE_URL", &url), says);
    check_misconfigured(&mirror, &["status"], ("DATABASE_URL", &url), says);
}

#[test]
fn a_password_is_told_by_no_command_however_wrong_its_url_is() {
    let folder = tempfile::tempdir().unwrap();
    for url in
        ["postgres:/user:secret@x/db", "user:secret@127.0.0.1:5432", "host=x password=secret"]
    {
        for arguments in
            [&["status"][..], &["doctor"], &["config", "check"], &["backup", "--to", "b"]]
        {
            let mut command = bare(arguments);
            let output = command.current_dir(folder.path()).env("DATABASE_URL", url).output();
            let output = output.unwrap();
            let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
            assert!(told.contains("store"), "{told}");
            assert!(!told.contains("secret"), "{arguments:?}: {told}");
        }
    }
}

#[test]
fn a_mistyped_store_is_not_made() {
    let mirror = Mirror::generated(10);
    for arguments in [
        &["status"][..],
        &["get", "movie/1"],
        &["query"],
        &["backup", "--to", "backups"],
        &["export", "--to", "files"],
        &["archive", "verify"],
        &["queue", "list"],
        &["terms", "audit"],
    ] {
        let mut all = vec!["--store", "sqlite:typo.db"];
        all.extend(arguments);
        let output = mirror.run(&all);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        let error = stderr(&output);
        assert!(error.contains("there is no sqlite:typo.db"), "{arguments:?}: {error}");
    }
    // What is asked before there is a mirror.
    mirror.json(&["--store", "sqlite:typo.db", "schedule", "list"]);
    mirror.json(&["--store", "sqlite:typo.db", "estimate"]);
    assert_eq!(std::fs::read_dir(mirror.folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_not_there_is_said_with_its_own_exit_code() {
    let mirror = Mirror::generated(10);
    drop(mirror.open());
    let output = mirror.run(&["get", "movie", "999999999"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("not in the mirror"));
}

#[test]
fn words_that_make_no_sense_are_refused_with_a_hint() {
    for (arguments, hint) in [
        (&["get", "film", "1"][..], "unknown kind `film`"),
        (&["run", "custom"], "--source"),
        (&["harvest", "--source", "popular"], "movie.popular"),
        (&["queue", "purge"], "--all"),
        (&["--store", "mysql://x", "status"], "sqlite:"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = bare(arguments);
        let output = command.current_dir(folder.path()).env("TMDB_API_KEY", KEY).output().unwrap();
        assert!(!output.status.success(), "{arguments:?} was taken");
        assert!(stderr(&output).contains(hint), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn completions_and_the_example_are_printed() {
    let output = bare(&["completions", "bash"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("fake-tmdb"));
    let output = bare(&["config", "example"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("[budget]"));
}

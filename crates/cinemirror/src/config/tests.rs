//! Layers, names, and what is refused.

use domain::staleness::Staleness;

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Inputs {
    let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Inputs { environment: environment.collect(), ..Inputs::default() }
}

#[track_caller]
fn check_error(inputs: &Inputs, says: &str) {
    let error = load(inputs).expect_err("it was accepted").to_string();
    assert!(error.contains(says), "{error}");
}

#[test]
fn the_example_holds_every_option_with_its_default() {
    let example: toml::Table = EXAMPLE.parse().expect("the example is TOML");
    let defaults = toml::Table::try_from(Settings::default()).expect("settings are TOML");
    assert_eq!(example, defaults);
}

#[test]
fn later_layers_win_and_are_named() {
    let mut inputs = environment(&[
        ("COLLECTOR_CONCURRENCY", "3"),
        ("CINEMIRROR__BUDGET__REQUESTS_PER_SECOND", "7"),
    ]);
    inputs.flags = vec![("store.url", "sqlite:other.db".to_owned())];
    let config = load(&inputs).expect("a good configuration");
    assert_eq!(config.settings.collect.concurrency, 3);
    assert_eq!(config.settings.budget.requests_per_second, 7);
    assert_eq!(config.settings.store.url, "sqlite:other.db");
    let origin = |name: &str| {
        config
            .values
            .iter()
            .find(|(known, ..)| known == name)
            .map(|(.., origin)| origin.to_string())
    };
    assert_eq!(origin("collect.concurrency").as_deref(), Some("environment COLLECTOR_CONCURRENCY"));
    assert_eq!(origin("store.url").as_deref(), Some("command line"));
    assert_eq!(origin("collect.attempts").as_deref(), Some("default"));
}

#[test]
fn a_bucket_is_where_bodies_lie_and_its_secret_is_not_shown() {
    let config = load(&environment(&[
        ("S3_BUCKET_NAME", "films"),
        ("AWS_SECRET_ACCESS_KEY", "tell-nobody"),
    ]));
    let config = config.expect("good");
    assert_eq!(config.settings.archive.url, "s3://films");
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    let shown = format!("{config:?}");
    assert!(shown.contains("AWS_SECRET_ACCESS_KEY"), "it was not taken: {shown}");
    assert!(!shown.contains("tell-nobody"), "{shown}");
    // What is set for the mirror itself wins over the bucket's name.
    let both = [("S3_BUCKET_NAME", "films"), ("CINEMIRROR__ARCHIVE__URL", "database")];
    assert_eq!(load(&environment(&both)).expect("good").settings.archive.url, "database");
}

#[test]
fn kinds_come_from_a_list_with_commas() {
    let config = load(&environment(&[("MEDIA_TYPES", "movie, person")])).expect("good");
    assert_eq!(config.settings.harvest.kinds, [domain::Kind::Movie, domain::Kind::Person]);
    check_error(&environment(&[("MEDIA_TYPES", "movies")]), "movies");
}

#[test]
fn unknown_and_unfit_values_are_refused_with_their_place() {
    check_error(&environment(&[("CINEMIRROR__TMDB__URL", "x")]), "unknown option `tmdb.url`");
    check_error(&environment(&[("COLLECTOR_CONCURRENCY", "many")]), "must be a whole number");
    check_error(&environment(&[("COLLECTOR_CONCURRENCY", "0")]), "must lie between 1 and 1000");
}

#[test]
fn a_file_is_read_and_its_mistakes_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    let load_text = |text: &str| {
        std::fs::write(&path, text).expect("written");
        load(&Inputs { file: Some(path.clone()), ..Inputs::default() })
    };
    assert_eq!(load_text("[harvest]\npages = 9\n").expect("good").settings.harvest.pages, 9);
    let unfit = load_text("[harvest]\npages = \"nine\"\n").expect_err("unfit").to_string();
    assert!(unfit.contains("mine.toml") && unfit.contains("whole number"), "{unfit}");
    let unknown = load_text("[harvst]\npages = 1\n").expect_err("unknown").to_string();
    assert!(unknown.contains("harvst.pages") && unknown.contains("harvest.pages"), "{unknown}");
}

/// A configuration file with this text.
fn load_file(text: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, text).expect("written");
    load(&Inputs { file: Some(path), ..Inputs::default() })
}

#[test]
fn recipes_are_added_and_changed_one_parameter_at_a_time() {
    let text = "[recipes.noir]\nmovie = { with_genres = \"80,9648\", vote_count.gte = 50 }\n\
                [recipes.hidden_gems.movie]\n\"vote_count.lte\" = 900\nwithout_genres = \"\"\n";
    let recipes = load_file(text).expect("good").settings.recipes;
    assert_eq!(recipes["noir"].movie["vote_count.gte"], "50");
    assert!(recipes["noir"].tv.is_empty());
    let gems = recipes["hidden_gems"].of(domain::Kind::Movie).expect("still there");
    assert_eq!((gems["vote_count.lte"].as_str(), gems["vote_count.gte"].as_str()), ("900", "300"));
    assert!(!gems.contains_key("without_genres"));
    let name = "CINEMIRROR__RECIPES__NOIR__TV__VOTE_COUNT__GTE";
    let recipes = load(&environment(&[(name, "7")])).expect("good").settings.recipes;
    assert_eq!(recipes["noir"].tv["vote_count.gte"], "7");
}

#[track_caller]
fn check_file_error(text: &str, says: &str) {
    let error = load_file(text).expect_err("it was accepted").to_string();
    assert!(error.contains(says), "{error}");
}

#[test]
fn recipes_that_tmdb_would_not_follow_are_refused() {
    let movie = |parameter: &str| format!("[recipes.noir]\nmovie = {{ {parameter} }}\n");
    check_file_error(&movie("vote_count.gt = 5"), "did you mean `vote_count.gte`?");
    check_file_error(&movie("page = 5"), "set by the harvest");
    check_file_error(&movie("with_genres = [28]"), "recipes.noir.movie.with_genres");
    check_file_error("[recipes.noir]\nperson = { year = 5 }\n", "unknown option");
    check_file_error("[recipes.popular]\nmovie = { year = 5 }\n", "another source has that name");
    check_file_error("[recipes.genre_5]\nmovie = { year = 5 }\n", "another source has that name");
    check_file_error("[recipes.Noir]\nmovie = { year = 5 }\n", "small letters");
    check_file_error("[harvest]\ngenres = [\"movie.popular\"]\n", "movie.genre_28");
}

#[test]
fn the_key_is_never_shown() {
    let config =
        load(&environment(&[("TMDB_API_KEY", "0123456789abcdef0123456789abcdef")])).expect("good");
    let shown = format!("{:?} {:?}", config.values, config.settings);
    assert!(!shown.contains("0123456789abcdef"), "{shown}");
}

#[test]
fn a_password_is_not_shown_whatever_is_wrong_with_it() {
    for url in ["postgres:/user:secret@x/db", "host=x password=secret dbname=db"] {
        let config = load(&environment(&[("DATABASE_URL", url)])).expect("good");
        assert!(!format!("{:?}", config.values).contains("secret"), "{url}");
    }
    for text in [
        "[store]\nurl = postgres://user:secret@x/db\n",
        "[tmdb]\nkey = 5ec4e7secret\n",
        "[store]\nurl = [\"secret\"]\n",
    ] {
        let error = load_file(text).expect_err("it was accepted").to_string();
        assert!(!error.contains("secret"), "{error}");
        assert!(error.contains("line 2") || error.contains("store.url"), "{error}");
    }
}

#[test]
fn lists_of_more_than_texts_come_from_a_file_and_from_the_environment() {
    let entries = r#"[{ name = "mine", cron = "0 3 * * *", job = "purge" }]"#;
    let config = load(&environment(&[
        ("CINEMIRROR__SCHEDULE__ENTRIES", entries),
        ("CINEMIRROR__REFRESH__TIERS", "[[10, 1]]"),
    ]));
    let settings = config.expect("good").settings;
    assert_eq!(settings.schedule.entries[0].name, "mine");
    assert_eq!(settings.refresh.tiers, [(10, 1)]);
    check_error(
        &environment(&[("CINEMIRROR__SCHEDULE__ENTRIES", "mine")]),
        "a list as the example",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    let load_text = |text: &str| {
        std::fs::write(&path, text).expect("written");
        load(&Inputs { file: Some(path.clone()), ..Inputs::default() })
    };
    let text =
        "[schedule]\npreset = \"none\"\n[[schedule.entries]]\nname = \"mine\"\njob = \"purge\"\n";
    let config = load_text(&format!("{text}cron = \"0 3 * * *\"\n")).expect("good");
    assert_eq!(config.settings.schedule.entries().expect("good").len(), 1);
    let unknown = load_text(&format!("{text}crn = \"0 3 * * *\"\n")).expect_err("unknown");
    assert!(unknown.to_string().contains("crn"), "{unknown}");
}

#[test]
fn what_cannot_be_served_is_refused() {
    let serve = |line: &str| format!("[serve]\n{line}\n");
    check_file_error(&serve("tls_certificate = \"cert.pem\""), "serve.tls_key");
    check_file_error(&serve("trusted_proxies = [\"proxy.example\"]"), "serve.trusted_proxies");
    check_file_error(&serve("cache_seconds = 3601"), "serve.cache_seconds");
    check_file_error(&serve("cache_share = 6.0"), "serve.cache_share");
    check_file_error(&serve("max_in_flight = 0"), "serve.max_in_flight");
    check_file_error(&serve("header_seconds = 0"), "serve.header_seconds");
    check_file_error(&serve("request_seconds = 5"), "serve.request_seconds");
    let good = serve("trusted_proxies = [\"127.0.0.1\", \"fd00::/8\"]\ncache_mib = 0");
    let serve = load_file(&good).expect("good").settings.serve;
    let options = serve.options(Staleness::default(), None);
    assert_eq!((options.trusted_proxies.len(), options.caching.bytes), (2, 0));
}

#[test]
fn answers_are_kept_in_a_share_of_the_memory() {
    let kept = |lines: &str, memory: Option<u64>| {
        let serve = load_file(&format!("[serve]\n{lines}\n")).expect("good").settings.serve;
        serve.options(Staleness::default(), memory).caching.bytes >> 20
    };
    assert_eq!(kept("", Some(1 << 30)), 122);
    assert_eq!(kept("", Some(8 << 30)), 983);
    assert_eq!(kept("", Some(64 << 30)), 4096);
    assert_eq!(kept("", None), 122);
    assert_eq!(kept("cache_mib = 100", Some(8 << 30)), 100);
    assert_eq!(kept("cache_mib = 4096\ncache_share = 0.5", Some(8 << 30)), 4096);
    assert_eq!(kept("cache_share = 0", Some(8 << 30)), 0);
}

//! Answers of every sort over real connections, and the class of each.

use std::io::Write;

use domain::budget::Lanes;
use domain::sighting::List;
use domain::{FailureClass, Key, Reference};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::PageAt;
use crate::stub::{Reply as Sent, Stub, response};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiIwIn0.c2lnbmF0dXJl";
const FOUND: &[u8] = br#"{"id":550,"title":"x","credits":{},"images":{}}"#;

fn movie() -> Question {
    Question::Detail(Key::movie(550))
}

fn page(page: u32) -> Question {
    Question::List { list: List::TvPopular, at: PageAt { page, ..PageAt::default() } }
}

fn permit() -> Permit {
    let now = Instant::now();
    Lanes::unlimited(now).take(now).unwrap()
}

/// Asks a server that answers with these bytes.
async fn answer(question: &Question, sent: Sent) -> Answer {
    Stub::always(sent).await.client().ask(question, permit()).await
}

fn failure(answer: Answer) -> (Failure, Option<Duration>) {
    match answer.outcome {
        Outcome::Failed { failure, retry_after } => (failure, retry_after),
        Outcome::Found(body) => panic!("found {body:?}"),
    }
}

/// Checks the class and a word of the message of an answer.
async fn check(question: &Question, sent: Sent, class: FailureClass, word: &str) {
    let (failure, _) = failure(answer(question, sent).await);
    assert_eq!(failure.class, class, "{}", failure.message);
    assert!(failure.message.contains(word), "no `{word}` in `{}`", failure.message);
    assert!(failure.message.starts_with(&question.path()), "{}", failure.message);
}

async fn check_status(status: &str, body: &str, class: FailureClass, word: &str) {
    check(&movie(), Sent::Bytes(response(status, "", body.as_bytes())), class, word).await;
}

async fn check_content(question: &Question, body: &str, word: &str) {
    let sent = Sent::Bytes(response("200 OK", "", body.as_bytes()));
    check(question, sent, FailureClass::Later, word).await;
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(vec![], Compression::default());
    gzip.write_all(body).unwrap();
    gzip.finish().unwrap()
}

#[tokio::test]
async fn a_body_that_was_asked_for_is_found() {
    let answer = answer(&movie(), Sent::Bytes(response("200 OK", "", FOUND))).await;
    assert_eq!((answer.status, answer.bytes), (Some(200), FOUND.len() as u64));
    assert_eq!((&answer.endpoint, &answer.asked), (&"movie/{id}".to_owned(), &movie().asked()));
    assert!(answer.missing.contains(&"watch/providers".to_owned()), "{:?}", answer.missing);
    assert!(!answer.missing.contains(&"credits".to_owned()), "{:?}", answer.missing);
    let Outcome::Found(body) = answer.outcome else { panic!("{:?}", answer.outcome) };
    assert_eq!(body, FOUND);
}

#[tokio::test]
async fn a_compressed_body_is_found_and_measured_inflated() {
    let sent = response("200 OK", "content-encoding: gzip\r\n", &gzip(FOUND));
    let answer = answer(&movie(), Sent::Bytes(sent)).await;
    assert_eq!(answer.bytes, FOUND.len() as u64);
    assert!(matches!(answer.outcome, Outcome::Found(body) if body == FOUND));
}

#[tokio::test]
async fn refusals_are_classed_by_what_to_do_about_them() {
    let code =
        |code| format!(r#"{{"success":false,"status_code":{code},"status_message":"Why."}}"#);
    let not_found = "404 Not Found";
    check_status(not_found, &code(34), FailureClass::Gone, "404 code 34 (Why.)").await;
    check_status(not_found, &code(6), FailureClass::Gone, "code 6").await;
    check_status(not_found, "", FailureClass::Gone, "404").await;
    check_status(not_found, "<html>", FailureClass::Later, "an HTML page").await;
    check_status("400 Bad Request", &code(27), FailureClass::Ours, "code 27").await;
    let errors = r#"{"errors":["page must be less than or equal to 500"]}"#;
    check_status("422 Unprocessable", errors, FailureClass::Ours, "equal to 500").await;
    check_status("405 Not Allowed", "", FailureClass::Ours, "405").await;
    check_status("401 Unauthorized", &code(7), FailureClass::Fatal, "check TMDB_API_KEY").await;
    check_status("401 Unauthorized", &code(10), FailureClass::Fatal, "suspended").await;
    check_status("401 Unauthorized", "", FailureClass::Fatal, "TMDB_API_KEY").await;
    check_status("403 Forbidden", &code(45), FailureClass::Fatal, "suspended").await;
    check_status("403 Forbidden", "<html>", FailureClass::Later, "403").await;
    check_status("500 Oops", &code(11), FailureClass::Later, "500 code 11").await;
    check_status("502 Bad Gateway", "<html>", FailureClass::Later, "502").await;
    check_status("204 No Content", "", FailureClass::Later, "204").await;
}

#[tokio::test]
async fn only_what_has_an_id_can_be_gone() {
    let reference = Question::Detail(Key::reference(Reference::Jobs));
    for question in [reference, page(1)] {
        let sent = Sent::Bytes(response("404 Not Found", "", b"{\"status_code\":34}"));
        check(&question, sent, FailureClass::Ours, "404 code 34").await;
    }
}

#[tokio::test]
async fn a_429_says_how_long_to_wait_if_it_says_so() {
    let date = "date: Sat, 21 Nov 2026 07:28:00 GMT\r\n";
    for (headers, wait) in [
        ("retry-after: 7\r\n".to_owned(), Some(7)),
        (format!("{date}retry-after: Sat, 21 Nov 2026 07:28:30 GMT\r\n"), Some(30)),
        ("retry-after: Sat, 21 Nov 2026 07:28:30 GMT\r\n".to_owned(), None),
        (String::new(), None),
    ] {
        let sent = response("429 Too Many", &headers, br#"{"status_code":25}"#);
        let (failure, retry_after) = failure(answer(&movie(), Sent::Bytes(sent)).await);
        assert_eq!(failure.class, FailureClass::SlowDown);
        assert_eq!(retry_after, wait.map(Duration::from_secs), "{headers}");
    }
}

#[tokio::test]
async fn a_429_stays_one_when_its_body_breaks_off() {
    let head = b"HTTP/1.1 429 Too Many\r\nretry-after: 3\r\ncontent-length: 90\r\n\r\n{".to_vec();
    let (failure, retry_after) = failure(answer(&movie(), Sent::Bytes(head)).await);
    assert_eq!(failure.class, FailureClass::SlowDown, "{}", failure.message);
    assert_eq!(retry_after, Some(Duration::from_secs(3)));
}

#[tokio::test]
async fn what_is_not_the_detail_is_never_taken_for_it() {
    check_content(&movie(), "", "the body is empty").await;
    check_content(&movie(), " \n", "the body is empty").await;
    check_content(&movie(), "<!DOCTYPE html>", "HTML page").await;
    check_content(&movie(), r#"{"id":550"#, "no JSON").await;
    check_content(&movie(), r#"{"id":550}}"#, "no JSON").await;
    check_content(&movie(), r#"{"id":551}"#, "id is 551, not 550").await;
    check_content(&movie(), r#"{"id":"550"}"#, "no id").await;
    check_content(&movie(), "[]", "no id").await;
    check_content(&movie(), r#"{"success":false}"#, "success is false").await;
    check_content(&movie(), r#"{"success":false,"id":550}"#, "success is false").await;
    let error = r#"{"status_code":11,"status_message":"Internal error"}"#;
    check_content(&movie(), error, "code 11 (Internal error)").await;
    let error_with_id = r#"{"id":550,"status_code":11,"status_message":"Internal error"}"#;
    check_content(&movie(), error_with_id, "code 11").await;
    let season = Question::Detail(Key::season(1396, 1));
    check_content(&season, r#"{"id":3572,"season_number":2}"#, "season_number is 2").await;
    let episode = Question::Detail(Key::episode(1396, 1, 2));
    check_content(&episode, r#"{"season_number":1}"#, "no episode_number").await;
    let seasons = Question::Seasons { tv: 1396, numbers: vec![6] };
    check_content(&seasons, r#"{"id":1}"#, "id is 1, not 1396").await;
    let page = page(2);
    check_content(&page, r#"{"page":1,"results":[]}"#, "page 1, not 2").await;
    check_content(&page, error, "code 11").await;
    let jobs = Question::Detail(Key::reference(Reference::Jobs));
    check_content(&jobs, error, "code 11").await;
    let genres = Question::Detail(Key::reference(Reference::GenresTv));
    check_content(&genres, "[]", "no genres").await;
}

#[tokio::test]
async fn broken_transfers_are_tried_again_later() {
    let whole = response("200 OK", "", FOUND);
    let cut = whole[..whole.len() - 5].to_vec();
    let later = FailureClass::Later;
    check(&movie(), Sent::Bytes(cut.clone()), later, "broke off").await;
    check(&movie(), Sent::Reset(cut), later, "movie/550").await;
    check(&movie(), Sent::Bytes(vec![]), later, "no response").await;
    check(&movie(), Sent::Bytes(b"SMTP hello\r\n\r\n".to_vec()), later, "no response").await;
    let mut zipped = gzip(&[b' '; 5_000]);
    zipped.extend(gzip(FOUND));
    zipped.truncate(zipped.len() - 20);
    let encoding = "content-encoding: gzip\r\n";
    check(&movie(), Sent::Bytes(response("200 OK", encoding, &zipped)), later, "200 but").await;
    let garbage = response("200 OK", encoding, FOUND);
    check(&movie(), Sent::Bytes(garbage), later, "200 but the body broke off").await;
    let longer = response("200 OK", "", &[FOUND, b"..."].concat());
    check(&movie(), Sent::Bytes(longer), later, "no JSON").await;
}

#[tokio::test]
async fn a_server_that_nobody_runs_is_tried_again_later() {
    let config = Config { api_url: "http://127.0.0.1:1/3".to_owned(), ..Config::default() };
    let client = Client::new(config, Credential::None).unwrap();
    let answer = client.ask(&movie(), permit()).await;
    assert_eq!((answer.status, answer.bytes), (None, 0));
    assert_eq!(failure(answer).0.class, FailureClass::Later);
}

#[tokio::test]
async fn slow_answers_and_slow_bodies_time_out() {
    let whole = response("200 OK", "", FOUND);
    for sent in [vec![], whole[..whole.len() - 5].to_vec()] {
        let mut stub = Stub::always(Sent::Hang(sent)).await;
        stub.timeout = Duration::from_millis(50);
        let (failure, _) = failure(stub.client().ask(&movie(), permit()).await);
        assert_eq!(failure.class, FailureClass::Later);
        assert!(failure.message.contains("timed out after 50ms"), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_body_is_limited_by_its_inflated_size() {
    let bomb = gzip(&vec![b' '; 1 << 20]);
    let sent = response("200 OK", "content-encoding: gzip\r\n", &bomb);
    let stub = Stub::always(Sent::Bytes(sent)).await;
    let config = Config { body_limit_bytes: 100_000, ..stub.config() };
    let client = Client::new(config, Credential::None).unwrap();
    let answer = client.ask(&movie(), permit()).await;
    assert!(answer.bytes <= 100_000);
    let (failure, _) = failure(answer);
    assert_eq!(failure.class, FailureClass::Later);
    assert!(failure.message.contains("larger than 100000 bytes"), "{}", failure.message);
}

#[tokio::test]
async fn the_credential_goes_to_tmdb_and_nowhere_else() {
    for text in [KEY, TOKEN] {
        let echo = format!("no {text} here");
        let sent = Sent::Bytes(response("401 Unauthorized", "", echo.as_bytes()));
        let stub = Stub::always(sent).await;
        let client = Client::new(stub.config(), Credential::parse(text).unwrap()).unwrap();
        let answer = client.ask(&movie(), permit()).await;
        assert!(!format!("{client:?} {answer:?}").contains(text));
        let (failure, _) = failure(answer);
        assert_eq!(failure.body, b"no [redacted] here");
        let head = stub.heads().concat();
        let line = head.lines().next().unwrap();
        assert_eq!(line.ends_with(&format!("&api_key={KEY} HTTP/1.1")), text == KEY);
        assert_eq!(head.contains(&format!("authorization: Bearer {TOKEN}\r\n")), text == TOKEN);
        assert!(head.contains("accept-encoding: gzip\r\n"), "{head}");
    }
}

#[tokio::test]
async fn an_unreachable_server_does_not_bring_the_key_to_light() {
    let config = Config { api_url: "http://127.0.0.1:1/3".to_owned(), ..Config::default() };
    let client = Client::new(config, Credential::parse(KEY).unwrap()).unwrap();
    let answer = client.ask(&movie(), permit()).await;
    assert!(!format!("{answer:?}").contains(KEY));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Stub::always(Sent::Bytes(response("200 OK", "", FOUND))).await;
    let location = format!("location: {}/3/movie/550\r\n", elsewhere.url);
    let sent = Sent::Bytes(response("302 Found", &location, b""));
    check(&movie(), sent, FailureClass::Later, "302; redirects are not followed").await;
    assert_eq!(elsewhere.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_connections() {
    let stub = Stub::always(Sent::Hang(vec![])).await;
    let config = Config { connections: 1, timeout: Duration::from_millis(50), ..stub.config() };
    let client = Client::new(config, Credential::None).unwrap();
    let started = Instant::now();
    let question = movie();
    tokio::join!(client.ask(&question, permit()), client.ask(&question, permit()));
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    for api_url in ["", "api.themoviedb.org/3", "ftp://x/3", "http://"] {
        let config = Config { api_url: api_url.to_owned(), ..Config::default() };
        let error = Client::new(config, Credential::None).unwrap_err();
        assert!(matches!(error, ClientError::Url { .. }), "{error}");
    }
    let config = Config { connections: 0, ..Config::default() };
    assert!(matches!(Client::new(config, Credential::None), Err(ClientError::Limit)));
}

mod real {
    //! The classes of recorded bodies.

    use super::*;
    use crate::{corpus, page, seasons};

    /// The key of a recorded request for a detail.
    fn key(asked: &str) -> Option<Key> {
        let path = asked.split('?').next()?;
        let reference = Reference::ALL.into_iter().find(|reference| reference.path() == path);
        reference.map(Key::reference).or_else(|| path.parse().ok())
    }

    fn reply(body: Vec<u8>) -> Reply {
        let headers = HeaderMap::new();
        Reply { status: StatusCode::OK, headers, body: body.into(), broken: None }
    }

    #[test]
    fn recorded_details_are_found_and_recorded_errors_are_not() {
        let mut found = 0;
        for (file, asked) in corpus::recorded() {
            let Some(key) = key(&asked) else { continue };
            let body = corpus::read(&file).unwrap();
            let text = String::from_utf8_lossy(&body);
            let is_error = text.len() < 500 && text.contains("\"status_message\"");
            let (outcome, _) = class::of(&Question::Detail(key), &reply(body.clone()));
            match outcome {
                Outcome::Found(body) => {
                    assert!(!is_error, "{file}: {text}");
                    if key.kind() == domain::Kind::Tv {
                        seasons::split(&body).unwrap();
                    }
                    found += 1;
                }
                Outcome::Failed { failure, .. } => assert!(is_error, "{file}: {}", failure.message),
            }
        }
        println!("{found} recorded details were found");
    }

    #[test]
    fn recorded_pages_are_read_without_losing_a_row() {
        let mut rows = 0;
        for (file, asked) in corpus::recorded() {
            let path = asked.split('?').next().unwrap_or_default();
            let Some(list) = List::all().into_iter().find(|list| list.path() == path) else {
                continue;
            };
            let question = Question::List { list, at: PageAt::default() };
            let body = corpus::read(&file).unwrap();
            let answer =
                page::parse(&question, &body).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(answer.skipped, 0, "{file}");
            assert!(answer.sightings.iter().all(|row| row.title.is_some()), "{file}");
            rows += answer.sightings.len();
        }
        println!("{rows} recorded rows were read");
    }
}

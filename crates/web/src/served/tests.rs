//! What is noted, and when.

use crate::edge::figures::Figures;
use crate::server::tests::{Running, options, site};

use super::*;

#[tokio::test]
async fn what_was_asked_outlives_the_process_and_is_noted_once() {
    let site = site(options()).await;
    let running = Running::over(site.clone(), None).await;
    for _ in 0..3 {
        running.get("/3/movie/550?api_key=x", "").await;
    }
    running.get("/3/movie/0", "").await;
    running.stop().await;
    let all = site.stores().ledger.served(Timestamp::from_millis(0)).await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].endpoint, "/3/movie/{movie_id}");
    assert_eq!(all[0].hour, hour(site.now()));
    let figures = all[0].figures;
    assert_eq!((figures.kept, figures.fresh, figures.failed), (2, 1, 1));
    assert_eq!(figures.saved, 3);
    // A second note of the same figures adds nothing.
    let mut noted = Noted::default();
    noted.note(&site).await;
    noted.note(&site).await;
    let again = site.stores().ledger.served(Timestamp::from_millis(0)).await.unwrap();
    assert_eq!(again[0].figures.saved, 6);
}

#[tokio::test]
async fn it_can_be_read_and_wrong_hours_are_said() {
    let running = Running::over(site(options()).await, None).await;
    let response = running.get("/pipeline/served?hours=48", "").await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.contains("\"endpoints\":[]"), "{response}");
    for hours in ["0", "x", "8785", "-1"] {
        let response = running.get(&format!("/pipeline/served?hours={hours}"), "").await;
        assert!(response.starts_with("HTTP/1.1 400"), "{response}");
        assert!(response.contains("invalid-hours"), "{response}");
    }
    running.stop().await;
}

#[tokio::test]
async fn metrics_can_be_parsed_and_tell_what_was_asked() {
    let running = Running::over(site(options()).await, None).await;
    running.get("/3/movie/550", "").await;
    let response = running.get("/metrics", "").await;
    let text = response.split("\r\n\r\n").nth(1).unwrap();
    let mut families = std::collections::BTreeSet::new();
    for line in text.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            assert!(families.insert(family.split(' ').next().unwrap()), "{family} stands twice");
        } else if !line.starts_with("# HELP ") {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let name = series.split('{').next().unwrap();
            let suffixes = ["_bucket", "_sum", "_count"];
            let family = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
            assert!(families.contains(name) || families.contains(family.unwrap()), "{line}");
        }
    }
    let asked = "cinemirror_http_requests_total{endpoint=\"/3/movie/{movie_id}\",status=\"200\"} 1";
    assert!(text.contains(asked), "{text}");
    assert!(text.contains("cinemirror_store_up 1"), "{text}");
    assert!(text.contains("cinemirror_queue_tasks{state=\"dead\"} 0"), "{text}");
    running.stop().await;
}

#[test]
fn what_nobody_asked_is_in_no_row() {
    assert!(Figures::new(["/3/movie/{movie_id}"].into_iter()).rows().is_empty());
}

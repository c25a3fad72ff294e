//! What is kept, for how long, and who composes.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::HeaderMap;
use bytes::Bytes;
use tokio::sync::Notify;

use super::*;

fn answers(bytes: u64) -> Arc<Answers<u8>> {
    Arc::new(Answers::new(&Caching { bytes, keep: Duration::from_secs(10) }))
}

fn composed(size: usize) -> Composed {
    let kept = Arc::new(Kept::new(&HeaderMap::new(), Bytes::from(vec![b'x'; size])));
    Composed { kept, outcome: Outcome::Fresh, sole: None }
}

async fn ask(answers: &Arc<Answers<u8>>, asked: &str) -> By {
    answers.get(asked.into(), |_| async { Ok(composed(100)) }).await.1
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_for_its_time_only() {
    let answers = answers(1 << 20);
    assert_eq!(ask(&answers, "a").await, By::Composing);
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    assert_eq!(ask(&answers, "b").await, By::Composing);
    tokio::time::advance(Duration::from_millis(9_999)).await;
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(ask(&answers, "a").await, By::Composing);
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_not_kept_and_a_stale_answer_for_a_moment() {
    let answers = answers(1 << 20);
    let (failed, _) = answers.get("a".into(), |_| async { Err(7) }).await;
    assert_eq!(failed.err(), Some(7));
    let stale = Composed { outcome: Outcome::Stale, ..composed(1) };
    let (_, by) = answers.get("a".into(), |_| async { Ok(stale) }).await;
    assert_eq!(by, By::Composing);
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    tokio::time::advance(MOMENT).await;
    assert_eq!(ask(&answers, "a").await, By::Composing);
    tokio::time::advance(MOMENT).await;
    assert_eq!(ask(&answers, "a").await, By::Keeping);
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_time_is_over_may_be_given_once_more() {
    let answers = answers(1 << 20);
    assert_eq!(ask(&answers, "a").await, By::Composing);
    for _ in 0..2 {
        tokio::time::advance(Duration::from_secs(10)).await;
        let again = |expired: Option<Composed>| async { expired.ok_or(7) };
        assert_eq!(answers.get("a".into(), again).await.1, By::Composing);
        assert_eq!(ask(&answers, "a").await, By::Keeping);
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    assert!(answers.get("a".into(), |_| async { Err(7) }).await.0.is_err());
    // What failed is not shown again.
    let none = |expired: Option<Composed>| async move {
        assert!(expired.is_none());
        Err(8)
    };
    assert_eq!(answers.get("a".into(), none).await.0.err(), Some(8));
}

#[tokio::test]
async fn no_more_is_kept_than_may_be() {
    let answers = answers(100_000);
    for number in 0..1_000 {
        let asked = format!("{number}").into_boxed_str();
        answers.get(asked, |_| async { Ok(composed(1_000)) }).await.0.unwrap();
    }
    assert!(answers.weight() <= 100_000, "{}", answers.weight());
    assert!(answers.len() > 20, "{}", answers.len());
    let (large, _) = answers.get("large".into(), |_| async { Ok(composed(200_000)) }).await;
    assert!(large.unwrap().kept.weight() > 200_000);
    assert!(answers.weight() <= 100_000, "{}", answers.weight());
}

#[tokio::test]
async fn a_packed_form_counts_once_it_is_made() {
    let answers = answers(1 << 20);
    let (kept, _) = answers.get("a".into(), |_| async { Ok(composed(10_000)) }).await;
    let before = answers.weight();
    let packed = kept.unwrap().kept.packed().await;
    assert_eq!(answers.weight(), before);
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    let more = usize::try_from(answers.weight() - before).unwrap();
    assert!((packed.len()..packed.len() * 9 / 8 + 2).contains(&more), "{more}");
    assert_eq!((ask(&answers, "a").await, answers.len()), (By::Keeping, 1));
}

#[tokio::test]
async fn equal_requests_are_composed_once() {
    let answers = answers(0);
    let composings = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Notify::new());
    let asked = Arc::new(AtomicUsize::new(0));
    let ask = || {
        let (composings, gate) = (Arc::clone(&composings), Arc::clone(&gate));
        let (answers, asked) = (Arc::clone(&answers), Arc::clone(&asked));
        async move {
            asked.fetch_add(1, Ordering::Relaxed);
            let compose = async move {
                composings.fetch_add(1, Ordering::Relaxed);
                gate.notified().await;
                Err(9)
            };
            answers.get("a".into(), |_| compose).await.0.err()
        }
    };
    let first = tokio::spawn(ask());
    let others: Vec<_> = (0..100).map(|_| tokio::spawn(ask())).collect();
    while asked.load(Ordering::Relaxed) <= others.len() {
        tokio::task::yield_now().await;
    }
    // Who composes goes away; another goes on with what was begun.
    first.abort();
    gate.notify_one();
    for other in others {
        assert_eq!(other.await.unwrap(), Some(9));
    }
    assert_eq!(composings.load(Ordering::Relaxed), 1);
    assert!(answers.flights().is_empty());
}

//! What is kept, for how long, and who composes.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use domain::{Key, Timestamp};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::*;
use crate::edge::kept::Source;

fn answers(bytes: u64) -> Arc<Answers<u8>> {
    Arc::new(Answers::new(&Caching { bytes, keep: Duration::from_secs(10) }))
}

fn composed(size: usize) -> Arc<Kept> {
    of(&HeaderMap::new(), vec![b'x'; size], Outcome::Fresh)
}

fn of(headers: &HeaderMap, body: Vec<u8>, outcome: Outcome) -> Arc<Kept> {
    Arc::new(Kept::new(headers, Bytes::from(body), Source { endpoint: "", outcome, sole: None }))
}

/// Bytes that nothing makes smaller.
fn noise(size: usize) -> Arc<Kept> {
    let mut hash = blake3::Hasher::new().finalize_xof();
    let mut body = vec![0; size];
    hash.fill(&mut body);
    of(&HeaderMap::new(), body, Outcome::Fresh)
}

fn room(answers: &Answers<u8>, form: &str) -> Room {
    answers.room().into_iter().find(|room| room.form == form).unwrap()
}

/// Has what was asked make room for others.
fn crowd_out(answers: &Answers<u8>, asked: &str) {
    let (asked, entry) = answers.near.remove(asked).unwrap();
    answers.keep_on(asked, &entry.kept);
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
    let stale = of(&HeaderMap::new(), vec![b'x'], Outcome::Stale);
    let (_, by) = answers.get("a".into(), |_| async { Ok(stale) }).await;
    assert_eq!(by, By::Composing);
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    tokio::time::advance(Duration::from_millis(MOMENT)).await;
    assert_eq!(ask(&answers, "a").await, By::Composing);
    tokio::time::advance(Duration::from_millis(MOMENT)).await;
    assert_eq!(ask(&answers, "a").await, By::Keeping);
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_time_is_over_may_be_given_once_more() {
    let answers = answers(1 << 20);
    assert_eq!(ask(&answers, "a").await, By::Composing);
    for _ in 0..2 {
        tokio::time::advance(Duration::from_secs(10)).await;
        let again = |expired: Option<Arc<Kept>>| async { expired.ok_or(7) };
        assert_eq!(answers.get("a".into(), again).await.1, By::Composing);
        assert_eq!(ask(&answers, "a").await, By::Keeping);
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    assert!(answers.get("a".into(), |_| async { Err(7) }).await.0.is_err());
    // What failed is not shown again.
    let none = |expired: Option<Arc<Kept>>| async move {
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
    let (ready, compressed) = (room(&answers, "ready"), room(&answers, "compressed"));
    assert!(ready.bytes + compressed.bytes <= 100_000, "{ready:?} {compressed:?}");
    assert!(ready.entries >= 4 && compressed.entries > 100, "{ready:?} {compressed:?}");
    let (large, _) = answers.get("large".into(), |_| async { Ok(noise(200_000)) }).await;
    assert!(large.unwrap().weight() > 200_000);
    let (ready, compressed) = (room(&answers, "ready"), room(&answers, "compressed"));
    assert!(ready.bytes + compressed.bytes <= 100_000, "{ready:?} {compressed:?}");
}

#[tokio::test]
async fn what_has_to_go_comes_back_as_it_was() {
    let answers = answers(1 << 20);
    let mut headers = HeaderMap::new();
    headers.insert("etag", HeaderValue::from_static("W/\"x\""));
    headers.insert("x-odd", HeaderValue::from_bytes(b"a: \xff:").unwrap());
    headers.append("x-odd", HeaderValue::from_static(""));
    let sole = Some((Key::movie(550), Timestamp::from_millis(7)));
    let source = Source { endpoint: "", outcome: Outcome::Fresh, sole };
    let body = Bytes::from_static(b"{\"overview\":\"a\\n\n\nb\"}");
    let first = Arc::new(Kept::new(&headers, body.clone(), source));
    let given = Arc::clone(&first);
    answers.get("a".into(), |_| async { Ok(given) }).await.0.unwrap();
    crowd_out(&answers, "a");
    let (again, by) = answers.get("a".into(), |_| async { Err(7) }).await;
    let again = again.unwrap();
    assert_eq!(by, By::Keeping);
    assert!(!Arc::ptr_eq(&first, &again));
    assert_eq!((again.body(), again.headers()), (&body, first.headers()));
    assert_eq!(again.source(), source);
}

#[tokio::test]
async fn what_is_asked_for_again_soon_lies_ready_again() {
    let answers = answers(1 << 20);
    for asked in ["a", "b", "c", "d"] {
        assert_eq!(ask(&answers, asked).await, By::Composing);
    }
    crowd_out(&answers, "a");
    crowd_out(&answers, "b");
    // Once is no sign of more.
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    assert!(answers.near.peek("a").is_none());
    for asked in ["b", "b", "a"] {
        assert_eq!(ask(&answers, asked).await, By::Keeping);
    }
    // At once again is soon; after as many others as lie ready it is not.
    assert!(answers.near.peek("b").is_some());
    assert!(answers.near.peek("a").is_none());
}

#[tokio::test]
async fn what_comes_back_is_not_compressed_anew_when_it_has_to_go_again() {
    let answers = answers(1 << 20);
    for asked in ["a", "b", "c"] {
        assert_eq!(ask(&answers, asked).await, By::Composing);
    }
    crowd_out(&answers, "a");
    for _ in 0..2 {
        assert_eq!(ask(&answers, "a").await, By::Keeping);
    }
    let back = answers.near.peek("a").unwrap().kept;
    let pressed = back.pressed(|| panic!("it was compressed before"));
    crowd_out(&answers, "a");
    let (again, _) = answers.get("a".into(), |_| async { Err(7) }).await;
    let again = again.unwrap().pressed(|| panic!("it was compressed before"));
    assert!(Arc::ptr_eq(&again, &pressed));
}

#[tokio::test(start_paused = true)]
async fn time_is_over_for_what_is_compressed_too() {
    let answers = answers(1 << 20);
    assert_eq!(ask(&answers, "a").await, By::Composing);
    crowd_out(&answers, "a");
    tokio::time::advance(Duration::from_secs(10)).await;
    let again = |expired: Option<Arc<Kept>>| async { expired.ok_or(7) };
    let (expired, by) = answers.get("a".into(), again).await;
    assert_eq!((expired.unwrap().body().len(), by), (100, By::Composing));
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    // What cannot be composed any more is gone in both forms.
    tokio::time::advance(Duration::from_secs(10)).await;
    assert!(answers.get("a".into(), |_| async { Err(7) }).await.0.is_err());
    let none = |expired: Option<Arc<Kept>>| async move { expired.ok_or(8) };
    assert_eq!(answers.get("a".into(), none).await.0.err(), Some(8));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_given_again_is_not_compressed() {
    let answers = answers(1 << 20);
    // It is made of no single record, and so nothing tells whether it still holds.
    assert_eq!(ask(&answers, "a").await, By::Composing);
    tokio::time::advance(Duration::from_secs(10)).await;
    crowd_out(&answers, "a");
    assert_eq!(room(&answers, "compressed").entries, 0);
    assert_eq!(ask(&answers, "a").await, By::Composing);
}

#[tokio::test]
async fn a_packed_form_counts_once_it_is_made() {
    let answers = answers(1 << 20);
    let (kept, _) = answers.get("a".into(), |_| async { Ok(composed(10_000)) }).await;
    let before = room(&answers, "ready");
    let packed = kept.unwrap().packed().await;
    assert_eq!(room(&answers, "ready"), before);
    assert_eq!(ask(&answers, "a").await, By::Keeping);
    let after = room(&answers, "ready");
    let more = usize::try_from(after.bytes - before.bytes).unwrap();
    assert!((packed.len()..packed.len() * 9 / 8 + 2).contains(&more), "{more}");
    assert_eq!((ask(&answers, "a").await, after.entries), (By::Keeping, 1));
    // It was put down anew, and has not gone.
    assert_eq!(room(&answers, "compressed").entries, 0);
}

#[tokio::test]
async fn a_packed_form_comes_along() {
    let answers = answers(1 << 20);
    assert_eq!(ask(&answers, "a").await, By::Composing);
    crowd_out(&answers, "a");
    let before = room(&answers, "compressed");
    let far = || async { answers.get("a".into(), |_| async { Err(7) }).await.0.unwrap() };
    let packed = far().await.packed().await;
    let again = far().await;
    assert_eq!(again.packed().await.as_ptr(), packed.as_ptr());
    let after = room(&answers, "compressed");
    assert_eq!((before.entries, after.entries), (1, 1));
    assert!(after.bytes >= before.bytes + packed.len() as u64, "{before:?} {after:?}");
    // It is the same again among those that lie ready.
    answers.put("a".into(), &again);
    assert!(Arc::ptr_eq(far().await.core(), again.core()));
}

#[tokio::test(start_paused = true)]
async fn what_holds_on_stays_where_it_lay() {
    let answers = answers(1 << 20);
    keep_proven(&answers, "a").await;
    tokio::time::advance(Duration::from_secs(10)).await;
    // Its record can tell whether it holds, so it is kept on though its time is over.
    crowd_out(&answers, "a");
    let again = |expired: Option<Arc<Kept>>| async { expired.ok_or(7) };
    assert_eq!(answers.get("a".into(), again).await.1, By::Composing);
    assert!(answers.near.peek("a").is_none());
    assert_eq!(ask(&answers, "a").await, By::Keeping);
}

/// Keeps an answer whose record can tell whether it holds.
async fn keep_proven(answers: &Arc<Answers<u8>>, asked: &str) {
    let sole = Some((Key::movie(550), Timestamp::from_millis(7)));
    let source = Source { endpoint: "", outcome: Outcome::Fresh, sole };
    let kept = Arc::new(Kept::new(&HeaderMap::new(), Bytes::from_static(b"{}"), source));
    answers.get(asked.into(), |_| async { Ok(kept) }).await.0.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_while_it_ages_is_noted_once() {
    let answers = answers(1 << 20);
    for asked in ["near", "far", "other"] {
        keep_proven(&answers, asked).await;
    }
    crowd_out(&answers, "far");
    // Its record cannot tell.
    assert_eq!(ask(&answers, "composed").await, By::Composing);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert!(answers.ready("near").is_some());
    assert!(timeout(Duration::from_secs(1), answers.ageing()).await.is_err());
    for asked in ["near", "far", "far", "near", "composed"] {
        assert!(answers.ready(asked).is_some());
    }
    let ageing = answers.ageing().await;
    assert_eq!(ageing.len(), 2);
    // Who asks between sees neither.
    assert!(answers.ready("far").is_some());
    answers.settle(&ageing[0], true);
    answers.settle(&ageing[1], false);
    assert!(answers.ready("near").is_some());
    assert!(answers.ready("far").is_none());
    tokio::time::advance(Duration::from_secs(6)).await;
    // The one that nobody asked for has aged unseen, the other one holds and ages anew.
    assert!(answers.ready("other").is_none());
    assert!(answers.ready("near").is_some());
    assert_eq!(answers.ageing().await.len(), 1);
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_may_be() {
    let answers = answers(0);
    for _ in 0..2 {
        assert_eq!(ask(&answers, "a").await, By::Composing);
    }
    assert!(answers.room().iter().all(|room| room.entries == 0 && room.bytes == 0));
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

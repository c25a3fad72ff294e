//! What every store of answers keeps to.

use domain::reply::{Begun, Question, Reply};

use super::at;
use crate::Store;

const MANY: usize = 100;

fn question(owner: &str, key: &str, fingerprint: &str) -> Question {
    Question {
        owner: owner.to_owned(),
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
        until: at(1_000),
        abandoned_before: at(0),
    }
}

fn reply(body: &str) -> Reply {
    Reply {
        status: 202,
        location: Some("/pipeline/runs/1".to_owned()),
        content_type: "application/json".to_owned(),
        body: body.to_owned(),
    }
}

async fn begin(store: &Store, question: &Question, now: i64) -> Begun {
    store.replies.begin(question, MANY, at(now)).await.unwrap()
}

pub(super) async fn the_same_question_gets_the_same_answer(store: &Store) {
    let asked = question("me", "k", "f");
    assert_eq!(begin(store, &asked, 10).await, Begun::New);
    assert_eq!(begin(store, &asked, 11).await, Begun::Underway);
    store.replies.keep(&asked, &reply("{}")).await.unwrap();
    assert_eq!(begin(store, &asked, 12).await, Begun::Answered(reply("{}")));
    store.replies.keep(&asked, &reply("late")).await.unwrap();
    store.replies.abandon(&asked).await.unwrap();
    assert_eq!(begin(store, &asked, 13).await, Begun::Answered(reply("{}")));
}

pub(super) async fn a_key_is_for_one_question_of_one_owner(store: &Store) {
    assert_eq!(begin(store, &question("me", "k", "f"), 10).await, Begun::New);
    assert_eq!(begin(store, &question("me", "k", "g"), 11).await, Begun::Other);
    assert_eq!(begin(store, &question("you", "k", "g"), 11).await, Begun::New);
    assert_eq!(begin(store, &question("me", "l", "g"), 11).await, Begun::New);
}

pub(super) async fn an_answer_is_forgotten_after_its_time(store: &Store) {
    let asked = question("me", "k", "f");
    begin(store, &asked, 10).await;
    store.replies.keep(&asked, &reply("{}")).await.unwrap();
    assert_eq!(begin(store, &asked, 999).await, Begun::Answered(reply("{}")));
    assert_eq!(begin(store, &question("me", "k", "g"), 1_000).await, Begun::New);
}

pub(super) async fn what_was_broken_off_begins_anew(store: &Store) {
    let asked = question("me", "k", "f");
    begin(store, &asked, 10).await;
    store.replies.abandon(&asked).await.unwrap();
    assert_eq!(begin(store, &asked, 11).await, Begun::New);
    let later =
        |abandoned_before| Question { abandoned_before: at(abandoned_before), ..asked.clone() };
    assert_eq!(begin(store, &later(11), 20).await, Begun::Underway);
    assert_eq!(begin(store, &later(12), 21).await, Begun::New);
    assert_eq!(begin(store, &later(12), 22).await, Begun::Underway);
}

pub(super) async fn the_oldest_of_too_many_answers_go(store: &Store) {
    let asked: Vec<_> = ["a", "b", "c"].map(|key| question("me", key, "f")).into();
    for (now, question) in (10..).zip(&asked) {
        assert_eq!(store.replies.begin(question, 2, at(now)).await.unwrap(), Begun::New);
        store.replies.keep(question, &reply(&question.key)).await.unwrap();
    }
    assert_eq!(begin(store, &asked[1], 20).await, Begun::Answered(reply("b")));
    assert_eq!(begin(store, &asked[2], 20).await, Begun::Answered(reply("c")));
    assert_eq!(begin(store, &asked[0], 20).await, Begun::New);
}

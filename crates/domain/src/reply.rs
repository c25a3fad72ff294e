//! The port to answers that are given again: what `Idempotency-Key` promises.

use async_trait::async_trait;

use crate::failure::StoreError;
use crate::time::Timestamp;

/// Answers to requests with a key of their own, for a while.
#[async_trait]
pub trait Replies: Send + Sync {
    /// Begins to answer, or says what is known under the key. What was begun and
    /// not ended [`Question::abandoned_before`] was broken off, and begins anew.
    /// Drops what is past its time, and the oldest of more than `at_most`.
    async fn begin(
        &self,
        question: &Question,
        at_most: usize,
        now: Timestamp,
    ) -> Result<Begun, StoreError>;

    /// Keeps the answer to what was begun.
    async fn keep(&self, question: &Question, reply: &Reply) -> Result<(), StoreError>;

    /// Forgets what was begun: the next one begins anew.
    async fn abandon(&self, question: &Question) -> Result<(), StoreError>;
}

/// A request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Whose key it is: keys of different owners are different.
    pub owner: String,
    pub key: String,
    /// Of the whole request: the same key with another one is a mistake.
    pub fingerprint: String,
    /// Until when its answer is kept.
    pub until: Timestamp,
    /// What was begun before and has no answer was broken off.
    pub abandoned_before: Timestamp,
}

/// What is kept under a key whose time is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub fingerprint: String,
    pub begun_at: Timestamp,
    /// Absent while it is being answered.
    pub reply: Option<Reply>,
}

impl Question {
    /// What there is to do, by what is kept under the key.
    pub fn meets(&self, known: Option<Known>) -> Begun {
        let Some(known) = known else { return Begun::New };
        match known.reply {
            _ if known.fingerprint != self.fingerprint => Begun::Other,
            Some(reply) => Begun::Answered(reply),
            None if known.begun_at < self.abandoned_before => Begun::New,
            None => Begun::Underway,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is to be answered now.
    New,
    /// It was answered.
    Answered(Reply),
    /// It is being answered.
    Underway,
    /// The key was used for another request.
    Other,
}

/// An answer, as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Of the `Location` header.
    pub location: Option<String>,
    pub content_type: String,
    pub body: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fingerprint: &str, begun_at: i64, is_answered: bool, begun: &Begun) {
        let question = Question {
            owner: "me".to_owned(),
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
            until: Timestamp::from_millis(100),
            abandoned_before: Timestamp::from_millis(10),
        };
        let known = Known {
            fingerprint: fingerprint.to_owned(),
            begun_at: Timestamp::from_millis(begun_at),
            reply: is_answered.then(reply),
        };
        assert_eq!(question.meets(Some(known)), *begun);
        assert_eq!(question.meets(None), Begun::New);
    }

    fn reply() -> Reply {
        Reply {
            status: 202,
            location: None,
            content_type: "application/json".to_owned(),
            body: "{}".to_owned(),
        }
    }

    #[test]
    fn the_same_question_gets_the_same_answer_once_there_is_one() {
        check("f", 5, true, &Begun::Answered(reply()));
        check("f", 10, false, &Begun::Underway);
        check("f", 9, false, &Begun::New);
    }

    #[test]
    fn another_question_gets_none_of_it() {
        check("g", 5, true, &Begun::Other);
        check("g", 5, false, &Begun::Other);
    }
}

//! Answers that are given again, in SQLite.

use async_trait::async_trait;
use domain::reply::{Begun, Known, Question, Reply};
use domain::{StoreError, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Database;
use super::columns::{limit, time_at};
use super::fault::Fault;

pub(crate) struct Replies {
    database: Database,
}

impl Replies {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

fn begin(
    db: &Connection,
    question: &Question,
    at_most: usize,
    now: Timestamp,
) -> Result<Begun, Fault> {
    db.prepare_cached("DELETE FROM replies WHERE until <= ?1")?.execute([now.as_millis()])?;
    let known = db
        .prepare_cached(
            "SELECT fingerprint, begun_at, status, location, content_type, body FROM replies
             WHERE owner = ?1 AND key = ?2",
        )?
        .query_row([&question.owner, &question.key], |row| Ok(known(row)))
        .optional()?
        .transpose()?;
    let begun = question.meets(known);
    if begun == Begun::New {
        db.prepare_cached(
            "REPLACE INTO replies (owner, key, fingerprint, begun_at, until)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            question.owner,
            question.key,
            question.fingerprint,
            now.as_millis(),
            question.until.as_millis()
        ])?;
        db.prepare_cached(
            "DELETE FROM replies WHERE (owner, key) IN (
                 SELECT owner, key FROM replies ORDER BY begun_at DESC, owner, key
                 LIMIT -1 OFFSET ?1)",
        )?
        .execute([limit(at_most)])?;
    }
    Ok(begun)
}

fn known(row: &Row<'_>) -> Result<Known, Fault> {
    let reply = match row.get(2)? {
        Some(status) => Some(Reply {
            status,
            location: row.get(3)?,
            content_type: row.get(4)?,
            body: row.get(5)?,
        }),
        None => None,
    };
    Ok(Known { fingerprint: row.get(0)?, begun_at: time_at(row, 1)?, reply })
}

#[async_trait]
impl domain::Replies for Replies {
    async fn begin(
        &self,
        question: &Question,
        at_most: usize,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let question = question.clone();
        self.database.write(move |db| begin(db, &question, at_most, now)).await
    }

    async fn keep(&self, question: &Question, reply: &Reply) -> Result<(), StoreError> {
        let (Question { owner, key, fingerprint, .. }, reply) = (question.clone(), reply.clone());
        self.database
            .write(move |db| {
                db.prepare_cached(
                    "UPDATE replies SET status = ?4, location = ?5, content_type = ?6, body = ?7
                     WHERE owner = ?1 AND key = ?2 AND fingerprint = ?3 AND status IS NULL",
                )?
                .execute(params![
                    owner,
                    key,
                    fingerprint,
                    reply.status,
                    reply.location,
                    reply.content_type,
                    reply.body
                ])?;
                Ok(())
            })
            .await
    }

    async fn abandon(&self, question: &Question) -> Result<(), StoreError> {
        let Question { owner, key, fingerprint, .. } = question.clone();
        self.database
            .write(move |db| {
                db.prepare_cached(
                    "DELETE FROM replies
                     WHERE owner = ?1 AND key = ?2 AND fingerprint = ?3 AND status IS NULL",
                )?
                .execute([owner, key, fingerprint])?;
                Ok(())
            })
            .await
    }
}

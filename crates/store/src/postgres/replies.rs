//! Answers that are given again, in PostgreSQL.

use async_trait::async_trait;
use domain::reply::{Begun, Known, Question, Reply};
use domain::{StoreError, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::connection::Transaction;
use super::fault::Fault;
use super::values::{instant, limit, time_at};
use super::{Database, transaction};

pub(crate) struct Replies {
    database: Database,
}

impl Replies {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

async fn begin(
    tx: &Transaction<'_>,
    question: &Question,
    at_most: usize,
    now: Timestamp,
) -> Result<Begun, Fault> {
    let Question { owner, key, .. } = question;
    tx.run("DELETE FROM replies WHERE until <= $1", &[(&instant(now), Type::TIMESTAMPTZ)]).await?;
    if insert(tx, question, now).await? {
        tx.run(
            "DELETE FROM replies WHERE (owner, key) IN (
                 SELECT owner, key FROM replies ORDER BY begun_at DESC, owner, key OFFSET $1)",
            &[(&limit(at_most), Type::INT8)],
        )
        .await?;
        return Ok(Begun::New);
    }
    let row = tx
        .maybe(
            "SELECT fingerprint, begun_at, status, location, content_type, body FROM replies
             WHERE owner = $1 AND key = $2 FOR UPDATE",
            &[(owner, Type::TEXT), (key, Type::TEXT)],
        )
        .await?;
    let begun = question.meets(row.as_ref().map(known).transpose()?);
    if begun == Begun::New {
        tx.run(
            "UPDATE replies SET begun_at = $3, until = $4 WHERE owner = $1 AND key = $2",
            &[
                (owner, Type::TEXT),
                (key, Type::TEXT),
                (&instant(now), Type::TIMESTAMPTZ),
                (&instant(question.until), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    }
    Ok(begun)
}

/// Whether nothing was known under the key. Who comes second waits until the first has said so.
async fn insert(tx: &Transaction<'_>, question: &Question, now: Timestamp) -> Result<bool, Fault> {
    let inserted = tx
        .run(
            "INSERT INTO replies (owner, key, fingerprint, begun_at, until)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            &[
                (&question.owner, Type::TEXT),
                (&question.key, Type::TEXT),
                (&question.fingerprint, Type::TEXT),
                (&instant(now), Type::TIMESTAMPTZ),
                (&instant(question.until), Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

fn known(row: &Row) -> Result<Known, Fault> {
    let reply = match row.try_get::<_, Option<i32>>(2)? {
        Some(status) => Some(Reply {
            status: u16::try_from(status).unwrap_or(500),
            location: row.try_get(3)?,
            content_type: row.try_get(4)?,
            body: row.try_get(5)?,
        }),
        None => None,
    };
    Ok(Known { fingerprint: row.try_get(0)?, begun_at: time_at(row, 1)?, reply })
}

#[async_trait]
impl domain::Replies for Replies {
    async fn begin(
        &self,
        question: &Question,
        at_most: usize,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        transaction!(self.database, tx => begin(&tx, question, at_most, now).await)
    }

    async fn keep(&self, question: &Question, reply: &Reply) -> Result<(), StoreError> {
        let Question { owner, key, fingerprint, .. } = question;
        transaction!(self.database, tx => tx.run(
            "UPDATE replies SET status = $4, location = $5, content_type = $6, body = $7
             WHERE owner = $1 AND key = $2 AND fingerprint = $3 AND status IS NULL",
            &[
                (owner, Type::TEXT),
                (key, Type::TEXT),
                (fingerprint, Type::TEXT),
                (&i32::from(reply.status), Type::INT4),
                (&reply.location, Type::TEXT),
                (&reply.content_type, Type::TEXT),
                (&reply.body, Type::TEXT),
            ],
        )
        .await)
        .map(drop)
    }

    async fn abandon(&self, question: &Question) -> Result<(), StoreError> {
        let Question { owner, key, fingerprint, .. } = question;
        transaction!(self.database, tx => tx.run(
            "DELETE FROM replies
             WHERE owner = $1 AND key = $2 AND fingerprint = $3 AND status IS NULL",
            &[(owner, Type::TEXT), (key, Type::TEXT), (fingerprint, Type::TEXT)],
        )
        .await)
        .map(drop)
    }
}

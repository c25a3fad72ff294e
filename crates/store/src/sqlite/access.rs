//! Tokens, clients and what clients used, in SQLite.

use async_trait::async_trait;
use domain::access::{Client, Quota, Scope, SecretHash, Token, Usage};
use domain::{StoreError, Timestamp};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Database;
use super::columns::{maybe_time_at, signed, time_at, unsigned};
use super::fault::Fault;
use crate::archive::days;

pub(crate) struct Access {
    database: Database,
}

impl Access {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

const TOKENS: &str = "SELECT name, hash, scope, created_at, expires_at, revoked_at FROM tokens";

const CLIENTS: &str = "SELECT name, key, old_key, old_until, per_second, per_day, created_at,
                              rotated_at, revoked_at FROM clients";

fn hash_at(row: &Row<'_>, column: usize) -> Result<Option<SecretHash>, Fault> {
    let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    let hash = SecretHash::from_hex(&text);
    hash.map(Some).ok_or_else(|| Fault::corrupt(format!("`{text}` is no hash")))
}

fn only_hash(row: &Row<'_>, column: usize) -> Result<SecretHash, Fault> {
    hash_at(row, column)?.ok_or_else(|| Fault::corrupt("a hash is missing"))
}

fn token(row: &Row<'_>) -> Result<Token, Fault> {
    let scope: String = row.get(2)?;
    Ok(Token {
        name: row.get(0)?,
        hash: only_hash(row, 1)?,
        scope: Scope::from_name(&scope)
            .ok_or_else(|| Fault::corrupt(format!("there is no scope {scope}")))?,
        created_at: time_at(row, 3)?,
        expires_at: maybe_time_at(row, 4)?,
        revoked_at: maybe_time_at(row, 5)?,
    })
}

fn client(row: &Row<'_>) -> Result<Client, Fault> {
    Ok(Client {
        name: row.get(0)?,
        key: only_hash(row, 1)?,
        old_key: hash_at(row, 2)?.zip(maybe_time_at(row, 3)?),
        quota: Quota {
            per_second: row.get(4)?,
            per_day: row.get::<_, Option<i64>>(5)?.map(unsigned),
        },
        created_at: time_at(row, 6)?,
        rotated_at: maybe_time_at(row, 7)?,
        revoked_at: maybe_time_at(row, 8)?,
    })
}

fn rotate(
    db: &Connection,
    name: &str,
    key: &SecretHash,
    old_until: Timestamp,
    now: Timestamp,
) -> Result<Option<Client>, Fault> {
    db.prepare_cached(
        "UPDATE clients SET old_key = key, old_until = ?3, key = ?2, rotated_at = ?4
         WHERE name = ?1 AND revoked_at IS NULL",
    )?
    .execute(params![name, key.to_string(), old_until.as_millis(), now.as_millis()])?;
    let sql = format!("{CLIENTS} WHERE name = ?1 AND revoked_at IS NULL");
    let mut select = db.prepare_cached(&sql)?;
    select.query_row([name], |row| Ok(client(row))).optional()?.transpose()
}

#[async_trait]
impl domain::Access for Access {
    async fn add_token(&self, token: &Token) -> Result<bool, StoreError> {
        let token = token.clone();
        self.database
            .write(move |db| {
                let added = db
                    .prepare_cached(
                        "INSERT OR IGNORE INTO tokens
                             (name, hash, scope, created_at, expires_at, revoked_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        token.name,
                        token.hash.to_string(),
                        token.scope.as_str(),
                        token.created_at.as_millis(),
                        token.expires_at.map(Timestamp::as_millis),
                        token.revoked_at.map(Timestamp::as_millis),
                    ])?;
                Ok(added == 1)
            })
            .await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.database
            .read(|db| {
                let mut select = db.prepare_cached(&format!("{TOKENS} ORDER BY name"))?;
                let mut rows = select.query([])?;
                let mut tokens = vec![];
                while let Some(row) = rows.next()? {
                    tokens.push(token(row)?);
                }
                Ok(tokens)
            })
            .await
    }

    async fn token(&self, hash: &SecretHash) -> Result<Option<Token>, StoreError> {
        let hash = hash.to_string();
        self.database
            .read(move |db| {
                let mut select = db.prepare_cached(&format!("{TOKENS} WHERE hash = ?1"))?;
                select.query_row([hash], |row| Ok(token(row))).optional()?.transpose()
            })
            .await
    }

    async fn revoke_token(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.database
            .write(move |db| {
                let sql = "UPDATE tokens SET revoked_at = ?2
                           WHERE name = ?1 AND revoked_at IS NULL";
                Ok(db.prepare_cached(sql)?.execute(params![name, now.as_millis()])? == 1)
            })
            .await
    }

    async fn add_client(&self, client: &Client) -> Result<bool, StoreError> {
        let client = client.clone();
        self.database
            .write(move |db| {
                let added = db
                    .prepare_cached(
                        "INSERT OR IGNORE INTO clients
                             (name, key, old_key, old_until, per_second, per_day, created_at,
                              rotated_at, revoked_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute(params![
                        client.name,
                        client.key.to_string(),
                        client.old_key.map(|(key, _)| key.to_string()),
                        client.old_key.map(|(_, until)| until.as_millis()),
                        client.quota.per_second,
                        client.quota.per_day.map(signed),
                        client.created_at.as_millis(),
                        client.rotated_at.map(Timestamp::as_millis),
                        client.revoked_at.map(Timestamp::as_millis),
                    ])?;
                Ok(added == 1)
            })
            .await
    }

    async fn clients(&self) -> Result<Vec<Client>, StoreError> {
        self.database
            .read(|db| {
                let mut select = db.prepare_cached(&format!("{CLIENTS} ORDER BY name"))?;
                let mut rows = select.query([])?;
                let mut clients = vec![];
                while let Some(row) = rows.next()? {
                    clients.push(client(row)?);
                }
                Ok(clients)
            })
            .await
    }

    async fn rotate_client(
        &self,
        name: &str,
        key: &SecretHash,
        old_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Client>, StoreError> {
        let (name, key) = (name.to_owned(), *key);
        self.database.write(move |db| rotate(db, &name, &key, old_until, now)).await
    }

    async fn revoke_client(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.database
            .write(move |db| {
                let sql = "UPDATE clients SET revoked_at = ?2
                           WHERE name = ?1 AND revoked_at IS NULL";
                Ok(db.prepare_cached(sql)?.execute(params![name, now.as_millis()])? == 1)
            })
            .await
    }

    async fn note_usage(&self, usage: &[Usage]) -> Result<(), StoreError> {
        if usage.is_empty() {
            return Ok(());
        }
        let usage = usage.to_vec();
        self.database
            .write(move |db| {
                let mut add = db.prepare_cached(
                    "INSERT INTO client_usage (day, client, requests, refused)
                     VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (day, client) DO UPDATE
                     SET requests = requests + excluded.requests,
                         refused = refused + excluded.refused",
                )?;
                for Usage { client, day, requests, refused } in &usage {
                    let day = days::number(*day);
                    add.execute(params![day, client, signed(*requests), signed(*refused)])?;
                }
                Ok(())
            })
            .await
    }

    async fn usage(&self, client: Option<&str>, since: Date) -> Result<Vec<Usage>, StoreError> {
        let client = client.map(ToOwned::to_owned);
        self.database
            .read(move |db| {
                let mut select = db.prepare_cached(
                    "SELECT client, day, requests, refused FROM client_usage
                     WHERE day >= ?1 AND (?2 IS NULL OR client = ?2)
                     ORDER BY day DESC, client",
                )?;
                let mut rows = select.query(params![days::number(since), client])?;
                let mut usage = vec![];
                while let Some(row) = rows.next()? {
                    usage.push(Usage {
                        client: row.get(0)?,
                        day: days::from_number(row.get(1)?)?,
                        requests: unsigned(row.get(2)?),
                        refused: unsigned(row.get(3)?),
                    });
                }
                Ok(usage)
            })
            .await
    }

    async fn forget_usage(&self, before: Date) -> Result<u64, StoreError> {
        self.database
            .write(move |db| {
                let mut delete = db.prepare_cached("DELETE FROM client_usage WHERE day < ?1")?;
                Ok(delete.execute([days::number(before)])? as u64)
            })
            .await
    }
}

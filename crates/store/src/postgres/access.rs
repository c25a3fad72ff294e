//! Tokens, clients and what clients used, in PostgreSQL.

use async_trait::async_trait;
use domain::access::{Client, Quota, Scope, SecretHash, Token, Usage};
use domain::{StoreError, Timestamp};
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::fault::Fault;
use super::values::{instant, maybe_time_at, signed, time_at, unsigned};
use super::{Database, snapshot, transaction};

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

fn hash_at(row: &Row, column: usize) -> Result<Option<SecretHash>, Fault> {
    let Some(text) = row.try_get::<_, Option<&str>>(column)? else { return Ok(None) };
    let hash = SecretHash::from_hex(text);
    hash.map(Some).ok_or_else(|| Fault::corrupt(format!("`{text}` is no hash")))
}

fn only_hash(row: &Row, column: usize) -> Result<SecretHash, Fault> {
    hash_at(row, column)?.ok_or_else(|| Fault::corrupt("a hash is missing"))
}

fn token(row: &Row) -> Result<Token, Fault> {
    let scope: &str = row.try_get(2)?;
    Ok(Token {
        name: row.try_get(0)?,
        hash: only_hash(row, 1)?,
        scope: Scope::from_name(scope)
            .ok_or_else(|| Fault::corrupt(format!("there is no scope {scope}")))?,
        created_at: time_at(row, 3)?,
        expires_at: maybe_time_at(row, 4)?,
        revoked_at: maybe_time_at(row, 5)?,
    })
}

fn client(row: &Row) -> Result<Client, Fault> {
    let per_second: Option<i64> = row.try_get(4)?;
    Ok(Client {
        name: row.try_get(0)?,
        key: only_hash(row, 1)?,
        old_key: hash_at(row, 2)?.zip(maybe_time_at(row, 3)?),
        quota: Quota {
            per_second: per_second.map(|number| u32::try_from(number).unwrap_or(u32::MAX)),
            per_day: row.try_get::<_, Option<i64>>(5)?.map(unsigned),
        },
        created_at: time_at(row, 6)?,
        rotated_at: maybe_time_at(row, 7)?,
        revoked_at: maybe_time_at(row, 8)?,
    })
}

fn usage(row: &Row) -> Result<Usage, Fault> {
    Ok(Usage {
        client: row.try_get(0)?,
        day: row.try_get(1)?,
        requests: unsigned(row.try_get(2)?),
        refused: unsigned(row.try_get(3)?),
    })
}

#[async_trait]
impl domain::Access for Access {
    async fn add_token(&self, token: &Token) -> Result<bool, StoreError> {
        let times = [token.expires_at.map(instant), token.revoked_at.map(instant)];
        let added = transaction!(self.database, tx => tx.run(
            "INSERT INTO tokens (name, hash, scope, created_at, expires_at, revoked_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            &[
                (&token.name, Type::TEXT),
                (&token.hash.to_string(), Type::TEXT),
                (&token.scope.as_str(), Type::TEXT),
                (&instant(token.created_at), Type::TIMESTAMPTZ),
                (&times[0], Type::TIMESTAMPTZ),
                (&times[1], Type::TIMESTAMPTZ),
            ],
        )
        .await)?;
        Ok(added == 1)
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let sql = format!("{TOKENS} ORDER BY name");
        let rows = snapshot!(self.database, tx => tx.rows(&sql, &[]).await)?;
        Ok(rows.iter().map(token).collect::<Result<_, Fault>>()?)
    }

    async fn token(&self, hash: &SecretHash) -> Result<Option<Token>, StoreError> {
        let sql = format!("{TOKENS} WHERE hash = $1");
        let hash = hash.to_string();
        let row = snapshot!(self.database, tx => tx.maybe(&sql, &[(&hash, Type::TEXT)]).await)?;
        Ok(row.as_ref().map(token).transpose()?)
    }

    async fn revoke_token(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let revoked = transaction!(self.database, tx => tx.run(
            "UPDATE tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL",
            &[(&name, Type::TEXT), (&instant(now), Type::TIMESTAMPTZ)],
        )
        .await)?;
        Ok(revoked == 1)
    }

    async fn add_client(&self, client: &Client) -> Result<bool, StoreError> {
        let old_key = client.old_key.map(|(key, _)| key.to_string());
        let per_second = client.quota.per_second.map(i64::from);
        let per_day = client.quota.per_day.map(signed);
        let old_until = client.old_key.map(|(_, until)| instant(until));
        let times = [client.rotated_at.map(instant), client.revoked_at.map(instant)];
        let added = transaction!(self.database, tx => tx.run(
            "INSERT INTO clients
                 (name, key, old_key, old_until, per_second, per_day, created_at, rotated_at,
                  revoked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
            &[
                (&client.name, Type::TEXT),
                (&client.key.to_string(), Type::TEXT),
                (&old_key, Type::TEXT),
                (&old_until, Type::TIMESTAMPTZ),
                (&per_second, Type::INT8),
                (&per_day, Type::INT8),
                (&instant(client.created_at), Type::TIMESTAMPTZ),
                (&times[0], Type::TIMESTAMPTZ),
                (&times[1], Type::TIMESTAMPTZ),
            ],
        )
        .await)?;
        Ok(added == 1)
    }

    async fn clients(&self) -> Result<Vec<Client>, StoreError> {
        let sql = format!("{CLIENTS} ORDER BY name");
        let rows = snapshot!(self.database, tx => tx.rows(&sql, &[]).await)?;
        Ok(rows.iter().map(client).collect::<Result<_, Fault>>()?)
    }

    async fn rotate_client(
        &self,
        name: &str,
        key: &SecretHash,
        old_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Client>, StoreError> {
        let key = key.to_string();
        let row = transaction!(self.database, tx => tx.maybe(
            "UPDATE clients SET old_key = key, old_until = $3, key = $2, rotated_at = $4
             WHERE name = $1 AND revoked_at IS NULL
             RETURNING name, key, old_key, old_until, per_second, per_day, created_at,
                       rotated_at, revoked_at",
            &[
                (&name, Type::TEXT),
                (&key, Type::TEXT),
                (&instant(old_until), Type::TIMESTAMPTZ),
                (&instant(now), Type::TIMESTAMPTZ),
            ],
        )
        .await)?;
        Ok(row.as_ref().map(client).transpose()?)
    }

    async fn revoke_client(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let revoked = transaction!(self.database, tx => tx.run(
            "UPDATE clients SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL",
            &[(&name, Type::TEXT), (&instant(now), Type::TIMESTAMPTZ)],
        )
        .await)?;
        Ok(revoked == 1)
    }

    async fn note_usage(&self, usage: &[Usage]) -> Result<(), StoreError> {
        if usage.is_empty() {
            return Ok(());
        }
        let days: Vec<Date> = usage.iter().map(|one| one.day).collect();
        let clients: Vec<&str> = usage.iter().map(|one| one.client.as_str()).collect();
        let requests: Vec<i64> = usage.iter().map(|one| signed(one.requests)).collect();
        let refused: Vec<i64> = usage.iter().map(|one| signed(one.refused)).collect();
        transaction!(self.database, tx => tx.run(
            "INSERT INTO client_usage AS known (day, client, requests, refused)
             SELECT day, client, sum(requests), sum(refused)
             FROM UNNEST($1, $2, $3, $4) AS u (day, client, requests, refused)
             GROUP BY day, client ORDER BY day, client
             ON CONFLICT (day, client) DO UPDATE
             SET requests = known.requests + excluded.requests,
                 refused = known.refused + excluded.refused",
            &[
                (&days, Type::DATE_ARRAY),
                (&clients, Type::TEXT_ARRAY),
                (&requests, Type::INT8_ARRAY),
                (&refused, Type::INT8_ARRAY),
            ],
        )
        .await)
        .map(drop)
    }

    async fn usage(&self, client: Option<&str>, since: Date) -> Result<Vec<Usage>, StoreError> {
        let rows = snapshot!(self.database, tx => tx.rows(
            "SELECT client, day, requests, refused FROM client_usage
             WHERE day >= $1 AND ($2 IS NULL OR client = $2) ORDER BY day DESC, client",
            &[(&since, Type::DATE), (&client, Type::TEXT)],
        )
        .await)?;
        Ok(rows.iter().map(usage).collect::<Result<_, Fault>>()?)
    }

    async fn forget_usage(&self, before: Date) -> Result<u64, StoreError> {
        let sql = "DELETE FROM client_usage WHERE day < $1";
        transaction!(self.database, tx => tx.run(sql, &[(&before, Type::DATE)]).await)
    }
}

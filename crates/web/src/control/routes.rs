//! Every address of the control API: the one table that routes and documents are made from.

use axum::routing::{MethodRouter, get, post};
use domain::access::Scope;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{cache, calls, cards, clients, events, figures, queue, runs, scheduler, start, status};
use crate::site::Site;

/// One address and method.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// As `OpenAPI` writes it; `{id}` is an integer, every other parameter a string.
    pub(crate) path: &'static str,
    /// What a caller's token must have; reads may be open to all.
    pub(crate) scope: Scope,
    pub(crate) summary: &'static str,
    /// The parameters of its query, as an object.
    pub(crate) query: Option<Describe>,
    /// Its body.
    pub(crate) body: Option<Describe>,
    pub(crate) answer: Describe,
    /// The status of a success.
    pub(crate) status: u16,
    pub(crate) media_type: &'static str,
    /// The answer has a secret, which is shown once: what is kept to be given again has none.
    pub(crate) is_secret: bool,
    pub(crate) handler: fn() -> MethodRouter<Site>,
}

/// Makes the schema of a type.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

fn describe<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Route {
    const fn read<A: JsonSchema>(
        path: &'static str,
        summary: &'static str,
        handler: fn() -> MethodRouter<Site>,
    ) -> Self {
        Self {
            method: Method::Get,
            path,
            scope: Scope::Read,
            summary,
            query: None,
            body: None,
            answer: describe::<A>,
            status: 200,
            media_type: "application/json",
            is_secret: false,
            handler,
        }
    }

    const fn write<A: JsonSchema>(
        path: &'static str,
        summary: &'static str,
        handler: fn() -> MethodRouter<Site>,
    ) -> Self {
        let read = Self::read::<A>(path, summary, handler);
        Self { method: Method::Post, scope: Scope::Write, ..read }
    }

    const fn query<Q: JsonSchema>(self) -> Self {
        Self { query: Some(describe::<Q>), ..self }
    }

    const fn body<B: JsonSchema>(self) -> Self {
        Self { body: Some(describe::<B>), ..self }
    }

    const fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    const fn admin(self) -> Self {
        Self { scope: Scope::Admin, ..self }
    }

    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    const fn media_type(self, media_type: &'static str) -> Self {
        Self { media_type, ..self }
    }
}

/// All of them.
pub(crate) static ROUTES: &[Route] = &[
    Route::read::<status::Status>("/pipeline/status", "How the pipeline stands", || {
        get(status::status)
    }),
    Route::read::<runs::Runs>("/pipeline/runs", "Runs, the newest first", || get(runs::list))
        .query::<runs::RunsQuery>(),
    Route::read::<runs::RunDetails>(
        "/pipeline/runs/{id}",
        "A run with its figures and events",
        || get(runs::one),
    ),
    Route::write::<runs::Cancelling>(
        "/pipeline/runs/{id}/cancel",
        "Cancel a run that waits or runs",
        || post(runs::cancel),
    )
    .status(202),
    Route::write::<start::Accepted>("/pipeline/run", "Start a run", || post(start::start))
        .body::<start::Start>()
        .status(202),
    Route::read::<scheduler::SchedulerStatus>(
        "/pipeline/scheduler/status",
        "What starts when, and who leads",
        || get(scheduler::status),
    ),
    Route::read::<scheduler::Starts>(
        "/pipeline/scheduler/starts",
        "What the schedule started, the newest first",
        || get(scheduler::starts),
    )
    .query::<scheduler::StartsQuery>(),
    Route::write::<scheduler::Changed>(
        "/pipeline/scheduler/start",
        "Let every entry of the schedule start again",
        || post(scheduler::start),
    ),
    Route::write::<scheduler::Changed>(
        "/pipeline/scheduler/stop",
        "Pause every entry of the schedule, until it is started",
        || post(scheduler::stop),
    ),
    Route::write::<scheduler::Changed>(
        "/pipeline/scheduler/entries/{name}/pause",
        "Pause an entry of the schedule",
        || post(scheduler::pause),
    ),
    Route::write::<scheduler::Changed>(
        "/pipeline/scheduler/entries/{name}/resume",
        "Resume an entry of the schedule",
        || post(scheduler::resume),
    ),
    Route::write::<scheduler::Triggered>(
        "/pipeline/scheduler/entries/{name}/trigger",
        "Start an entry of the schedule now",
        || post(scheduler::trigger),
    )
    .status(202),
    Route::read::<queue::Depth>("/pipeline/queue", "How deep the queue is", || get(queue::depth)),
    Route::read::<queue::Tasks>(
        "/pipeline/queue/tasks",
        "What waits, the most urgent first",
        || get(queue::tasks),
    )
    .query::<queue::TasksQuery>(),
    Route::read::<queue::DeadLetters>(
        "/pipeline/queue/dead",
        "Dead letters, the newest first",
        || get(queue::dead),
    )
    .query::<queue::DeadQuery>(),
    Route::write::<queue::Moved>(
        "/pipeline/queue/dead/redrive",
        "Queue dead letters again",
        || post(queue::redrive),
    )
    .body::<queue::Which>(),
    Route::write::<queue::Moved>("/pipeline/queue/dead/purge", "Drop dead letters", || {
        post(queue::purge)
    })
    .body::<queue::Which>(),
    Route::read::<calls::Calls>("/pipeline/api-calls", "Calls to TMDB, the newest first", || {
        get(calls::list)
    })
    .query::<calls::CallsQuery>(),
    Route::read::<calls::Counts>(
        "/pipeline/api-calls/counts",
        "Calls to TMDB by endpoint, status and hour",
        || get(calls::counts),
    )
    .query::<calls::CountsQuery>(),
    Route::read::<figures::Cursors>("/pipeline/cursors", "How far sources have been read", || {
        get(figures::cursors)
    }),
    Route::read::<figures::Drifts>(
        "/pipeline/drift",
        "What bodies hold and the schema does not know",
        || get(figures::drift),
    )
    .query::<figures::LimitQuery>(),
    Route::read::<figures::Terms>(
        "/pipeline/terms",
        "How old everything from TMDB is, and whether it may be kept",
        || get(figures::terms),
    ),
    Route::read::<figures::ArchiveFigures>(
        "/pipeline/archive",
        "The size of the archive, by kind",
        || get(figures::archive),
    ),
    Route::read::<figures::Workers>("/pipeline/workers", "The processes of the deployment", || {
        get(figures::workers)
    }),
    Route::read::<figures::Tombstones>(
        "/pipeline/tombstones",
        "What is proven gone, the newest first",
        || get(figures::tombstones),
    )
    .query::<figures::LimitQuery>(),
    Route::read::<cache::Cached>(
        "/cache/{category}",
        "Cached items of a category: popular, trending, genre_28, hidden_gems, award_winning …",
        || get(cache::category),
    )
    .query::<cache::CacheQuery>(),
    Route::read::<serde_json::Value>(
        "/cards/{kind}/{id}",
        "The ready-made card of a movie or a show, with its ETag",
        || get(cards::card),
    ),
    Route::read::<clients::Clients>("/clients", "Clients with keys and quotas", || {
        get(clients::list)
    })
    .admin(),
    Route::write::<clients::WithKey>("/clients", "Make a client", || post(clients::create))
        .body::<clients::NewClient>()
        .status(201)
        .admin()
        .secret(),
    Route::write::<clients::WithKey>(
        "/clients/{name}/rotate",
        "Give a client another key; the old one counts for a while",
        || post(clients::rotate),
    )
    .body::<clients::Rotation>()
    .admin()
    .secret(),
    Route::write::<clients::ClientView>("/clients/{name}/revoke", "End a client's keys", || {
        post(clients::revoke)
    })
    .admin(),
    Route::read::<clients::UsageList>(
        "/clients/{name}/usage",
        "What a client used, by day",
        || get(clients::usage),
    )
    .query::<clients::UsageQuery>()
    .admin(),
    Route::read::<String>(
        "/events",
        "Runs and queue as they change, as server-sent events",
        || get(events::events),
    )
    .media_type("text/event-stream"),
];

//! `/_fake/`: the knobs of the fake itself. No fault and no limit reaches them.

use std::sync::Arc;

use bytes::Buf;
use http_body::Body;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use serde::Deserialize;

use crate::api::Question;
use crate::faults::Faults;
use crate::options::Limits;
use crate::payload::Payload;
use crate::server::{State, render};

/// No order to the fake is longer.
const BODY_LIMIT: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    faults: Option<Faults>,
    limits: Option<Limits>,
}

pub(crate) async fn answer(
    state: &Arc<State>,
    path: &str,
    request: Request<Incoming>,
) -> Response<Payload> {
    match (request.method(), path) {
        (&Method::GET, "stats") => stats(state),
        (&Method::POST, "stats/reset") => {
            state.reset_stats();
            stats(state)
        }
        (&Method::POST, "advance") => {
            let question = Question::read(path, request.uri().query().unwrap_or_default());
            let days = question.query.get("days").map_or(Ok(1), |days| days.parse());
            let Ok(days) = days else {
                return render::plain(400, "days must be a whole number\n");
            };
            state.advance(days);
            stats(state)
        }
        (&Method::POST, "day") => day(state, &request),
        (&Method::POST, "refuse") => {
            let question = Question::read(path, request.uri().query().unwrap_or_default());
            let seconds = question.query.get("seconds").map_or(Ok(1), |seconds| seconds.parse());
            let Ok(seconds) = seconds else {
                return render::plain(400, "seconds must be a whole number\n");
            };
            state.order_refusal(seconds);
            stats(state)
        }
        (&Method::POST, "faults") => settings(state, request.into_body()).await,
        _ => render::plain(
            404,
            "GET /_fake/stats, POST /_fake/stats/reset, POST /_fake/advance?days=1, \
             POST /_fake/day?day=7&export_ready=false, POST /_fake/refuse?seconds=5, \
             POST /_fake/faults\n",
        ),
    }
}

/// Sets the day, whether its exports are out, or both.
fn day(state: &State, request: &Request<Incoming>) -> Response<Payload> {
    let question = Question::read("day", request.uri().query().unwrap_or_default());
    let get = |name: &str| question.query.get(name);
    let Ok(day) = get("day").map(|day| day.parse()).transpose() else {
        return render::plain(400, "day must be a whole number\n");
    };
    let Ok(is_ready) = get("export_ready").map(|it| it.parse()).transpose() else {
        return render::plain(400, "export_ready must be true or false\n");
    };
    if let Some(day) = day {
        state.set_day(day);
    }
    if let Some(is_ready) = is_ready {
        state.set_export_ready(is_ready);
    }
    stats(state)
}

fn stats(state: &State) -> Response<Payload> {
    render::json(200, serde_json::to_string(&state.stats()).unwrap_or_default())
}

/// Replaces the faults, the limits or both, and answers with those that hold now.
async fn settings(state: &State, body: Incoming) -> Response<Payload> {
    let Some(text) = read(body).await else {
        return render::plain(400, "the body is unreadable\n");
    };
    let settings: Settings = match serde_json::from_slice(&text) {
        Ok(settings) => settings,
        Err(error) => return render::plain(400, &format!("{error}\n")),
    };
    if let Some(faults) = settings.faults {
        state.set_faults(faults);
    }
    if let Some(limits) = settings.limits {
        state.set_limits(limits);
    }
    let now = serde_json::json!({ "faults": state.faults(), "limits": state.limits() });
    render::json(200, now.to_string())
}

/// The whole body; `None` when it breaks off or is too long.
async fn read(mut body: Incoming) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let frame =
            std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context));
        let Some(frame) = frame.await else { return Some(text) };
        if let Ok(data) = frame.ok()?.into_data() {
            text.extend_from_slice(data.chunk());
        }
        if text.len() > BODY_LIMIT {
            return None;
        }
    }
}

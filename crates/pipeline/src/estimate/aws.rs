//! The bill of AWS: what a month uses, what of it is free, what the rest costs.

use serde::Serialize;

use super::prices::{self, Price};

const DAYS: f64 = 30.4;
const GB: f64 = 1e9;
/// Of a Lambda function that collects.
const MEMORY_GB: f64 = 0.5;
/// A collecting function ends after this long and is started again.
const INVOCATION_SECONDS: f64 = 300.0;
/// Added, leased, finished.
const WRITES_A_TITLE: f64 = 3.0;
const READS_A_TITLE: f64 = 2.0;
/// What `DynamoDB` keeps of a title: its head and its cached item.
const ITEM_BYTES: f64 = 2_500.0;
const LOG_BYTES_A_CALL: f64 = 300.0;
const ALARMS: f64 = 5.0;

/// What a deployment does.
pub(super) struct Use {
    pub(super) calls_a_day: f64,
    pub(super) runs_a_day: f64,
    /// Calls a second.
    pub(super) rate: f64,
    pub(super) titles: f64,
    /// Records written a day.
    pub(super) puts_a_day: f64,
    /// Calls that collect a title.
    pub(super) collected_a_day: f64,
    pub(super) archive_bytes: f64,
}

/// A month on AWS, the first crawl aside.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Aws {
    pub bills: Vec<Bill>,
    pub dollars: f64,
    /// Whether a month costs nothing.
    pub is_free: bool,
    /// Writing every record for the first time.
    pub first_crawl_dollars: f64,
    /// When the prices held. They change.
    pub prices_as_of: &'static str,
    /// What the use rests on.
    pub assumes: Vec<String>,
}

/// One thing AWS counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    pub service: &'static str,
    pub unit: &'static str,
    pub used: f64,
    pub free: f64,
    pub dollars: f64,
}

pub(super) fn bill(using: &Use) -> Aws {
    let seconds = using.calls_a_day / using.rate * DAYS;
    let runs = using.runs_a_day * DAYS;
    let touched = using.collected_a_day * DAYS;
    let bills: Vec<Bill> = [
        (prices::LAMBDA_REQUESTS, runs + (seconds / INVOCATION_SECONDS).ceil()),
        (prices::LAMBDA_COMPUTE, seconds * MEMORY_GB),
        (prices::SCHEDULER, runs),
        (prices::DYNAMODB_WRITES, touched * WRITES_A_TITLE),
        (prices::DYNAMODB_READS, touched * READS_A_TITLE),
        (prices::DYNAMODB_ROOM, using.titles * ITEM_BYTES / GB),
        (prices::S3_ROOM, using.archive_bytes / GB),
        (prices::S3_PUTS, using.puts_a_day * DAYS),
        (prices::LOGS, using.calls_a_day * DAYS * LOG_BYTES_A_CALL / GB),
        (prices::ALARMS, ALARMS),
    ]
    .into_iter()
    .map(|(price, used)| charged(&price, used))
    .collect();
    let dollars: f64 = bills.iter().map(|bill| bill.dollars).sum();
    let writes = using.titles * WRITES_A_TITLE * prices::DYNAMODB_WRITES.dollars;
    Aws {
        dollars,
        is_free: dollars <= 0.0,
        first_crawl_dollars: writes + using.titles * prices::S3_PUTS.dollars,
        prices_as_of: prices::AS_OF,
        assumes: vec![
            format!(
                "functions of {MEMORY_GB} GB that collect for {INVOCATION_SECONDS} s at the budget"
            ),
            format!(
                "{WRITES_A_TITLE} writes and {READS_A_TITLE} reads of DynamoDB a collected title, spread over the day, and {ITEM_BYTES} bytes kept"
            ),
            "an object of S3 for each record that is new or differs".to_owned(),
            format!("{LOG_BYTES_A_CALL} bytes of logs a call, {ALARMS} alarms"),
            "nothing is served from there; traffic to people is not counted".to_owned(),
        ],
        bills,
    }
}

fn charged(price: &Price, used: f64) -> Bill {
    let Price { service, unit, dollars, free } = *price;
    Bill { service, unit, used, free, dollars: (used - free).max(0.0) * dollars }
}

//! AWS's prices in us-east-1, in dollars, and what each month has for free.
//!
//! As known on [`AS_OF`]. They change, other regions cost more, and some free
//! quotas end with an account's first year or are for older accounts only: look
//! at <https://aws.amazon.com/pricing/> before money depends on them.

/// When these prices held.
pub(super) const AS_OF: &str = "2025-01-01";

/// One thing AWS counts: its price for each unit, and the units free each month.
pub(super) struct Price {
    pub(super) service: &'static str,
    pub(super) unit: &'static str,
    pub(super) dollars: f64,
    pub(super) free: f64,
}

const fn price(service: &'static str, unit: &'static str, dollars: f64, free: f64) -> Price {
    Price { service, unit, dollars, free }
}

pub(super) const LAMBDA_REQUESTS: Price = price("Lambda", "requests", 0.2e-6, 1e6);
pub(super) const LAMBDA_COMPUTE: Price = price("Lambda", "GB-seconds", 0.000_016_666_7, 400_000.0);
pub(super) const SCHEDULER: Price = price("EventBridge", "scheduled invocations", 1e-6, 14e6);
/// 25 units a second are free as provisioned capacity, if they are used evenly.
const PROVISIONED: f64 = 25.0 * 86_400.0 * 30.4;
/// Beyond what is free, the price on demand.
pub(super) const DYNAMODB_WRITES: Price = price("DynamoDB", "write units", 0.625e-6, PROVISIONED);
pub(super) const DYNAMODB_READS: Price = price("DynamoDB", "read units", 0.125e-6, PROVISIONED);
pub(super) const DYNAMODB_ROOM: Price = price("DynamoDB", "GB a month", 0.25, 25.0);
/// Free for the first year only.
pub(super) const S3_ROOM: Price = price("S3", "GB a month", 0.023, 5.0);
pub(super) const S3_PUTS: Price = price("S3", "PUT requests", 5e-6, 2_000.0);
pub(super) const LOGS: Price = price("CloudWatch", "GB of logs", 0.5, 5.0);
pub(super) const ALARMS: Price = price("CloudWatch", "alarms", 0.1, 10.0);

//! What tells two bodies apart, field by field.

use serde::Serialize;
use serde_json::Value;

/// One difference. Rows of arrays are told apart by what names them (an id, a
/// path, a country), not by their place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Such as `credits.cast[credit_id=52fe4250c3a36847f80149f3].character`.
    pub path: String,
    /// Absent where the field or the row is new.
    pub before: Option<Value>,
    /// Absent where the field or the row is gone.
    pub after: Option<Value>,
    /// Whether it is a figure that moves daily and makes no version.
    pub is_figure: bool,
}

/// Tells what changed from `before` to `after`, in the order of `after`.
pub fn diff(_before: &Value, _after: &Value) -> Vec<Difference> {
    vec![]
}

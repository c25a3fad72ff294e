//! Small pieces of JSON text.

use std::fmt::Write;

/// Appends `"name":`, with a comma before it unless the text ends with an opening brace.
pub(super) fn key(name: &str, out: &mut String) {
    if !out.ends_with('{') {
        out.push(',');
    }
    records::write_text(name, out);
    out.push(':');
}

/// Appends `"name":7`.
pub(super) fn number(name: &str, value: u64, out: &mut String) {
    key(name, out);
    write!(out, "{value}").expect("a text takes all that is written");
}

/// Appends `"name":"value"`.
pub(super) fn string(name: &str, value: &str, out: &mut String) {
    key(name, out);
    records::write_text(value, out);
}

/// Appends the comma between the items of a list.
pub(super) fn next_item(out: &mut String) {
    if !out.ends_with('[') {
        out.push(',');
    }
}

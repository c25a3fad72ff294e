//! Compiles nothing yet.

fn main() {}

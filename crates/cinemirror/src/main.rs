//! The `cinemirror` command.

fn main() {}

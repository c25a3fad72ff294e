//! The `cinemirror` command. Everything it does is in [`cinemirror::cli`].

use std::process::ExitCode;

/// Bodies come and go by the thousand; the system's allocator would keep their
/// memory in pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cinemirror::cli::run()
}

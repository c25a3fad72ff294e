//! The development commands: `cargo xtask check`, `test` and `bench`.

mod bench;
mod chaos;
mod check;
mod clients;
mod command;
mod packages;
mod python;
mod test;

use anyhow::bail;

const USAGE: &str = "\
usage: cargo xtask <command>

  check          format, clippy, rustdoc, cargo deny (where installed), then test
  lint           format, clippy, rustdoc and cargo deny only
  test [ARGS]    set up what the tests need and run every test
  bench [NAME]   measure, print and write the sections of BENCHMARKS.md
                 (budget, collect, postgres, queue, export, export-files, serve, size, versions,
                 memory, year; all without a name)
  simulate-year  the same as `bench year`
  chaos [NAME]   break a fleet of workers in every way, and count what is lost (as root)
                 (budget, hold, kills, cut, objects, disk; all without a name)
";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    match command.as_deref() {
        Some("check") => {
            check::lint()?;
            test::test(&rest)
        }
        Some("lint") => check::lint(),
        Some("test") => test::test(&rest),
        Some("bench") => bench::bench(&rest),
        Some("chaos") => chaos::chaos(&rest),
        Some("simulate-year") => bench::bench(&["year".to_owned()]),
        _ => bail!("{USAGE}"),
    }
}

//! Runs every test, and ends with one line that counts them all.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, bail, ensure};

use crate::command::{program, say};
use crate::{clients, packages, python};

pub(crate) fn test(arguments: &[String]) -> anyhow::Result<()> {
    let line = format!("cargo test --workspace --locked --no-fail-fast {}", arguments.join(" "));
    packages::set_up()?;
    let python = python::set_up()?;
    let (node, rust) = (clients::set_up_node()?, clients::set_up_rust()?);
    say(&format!("$ {line}"));
    let mut child = program(line.trim())
        .env(python::VARIABLE, python)
        .env(clients::NODE, node)
        .env(clients::RUST, rust)
        .stdout(Stdio::piped())
        .spawn()
        .context("could not start cargo")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).lines() {
        let line = line?;
        tally.add(&line);
        print(&line);
    }
    let status = child.wait()?;
    print(&format!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.ignored));
    if !status.success() {
        bail!("`{}` failed", line.trim());
    }
    ensure!(tally.passed > 0, "no test was run");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a development command talks to its terminal")]
fn print(line: &str) {
    println!("{line}");
}

#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds a line as `test result: ok. 25 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        for part in rest.split([';', '.']) {
            let mut words = part.split_whitespace();
            let number: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.ignored += number,
                _ => (),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_test_programs_are_added_up() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 25 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.06s");
        tally.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        tally.add("running 3 tests");
        assert_eq!((tally.passed, tally.failed, tally.ignored), (28, 2, 1));
    }
}

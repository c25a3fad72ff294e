//! The page of figures, a section for each benchmark, with the machine and the date.

use std::fmt::Write;

use crate::command::program;

/// One measured figure.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) bar: String,
    pub(crate) measured: String,
    /// The figure over its bar or its peer, in the same run.
    pub(crate) ratio: String,
    pub(crate) reached: bool,
}

const HEAD: &str = "\
# Benchmarks

Written by `cargo xtask bench`, each section by itself. Machines are shared and noisy; read the
ratios, each of one run, rather than the figures.
";

/// One benchmark's section: when and where, and the figures.
pub(crate) fn section(name: &str, rows: &[Row]) -> anyhow::Result<String> {
    let mut text = format!("## {name}\n\n{}\n\n", machine());
    text.push_str("| what | bar | measured | ratio | reached |\n| --- | --- | --- | --- | --- |\n");
    for row in rows {
        let reached = if row.reached { "yes" } else { "**no**" };
        let Row { what, bar, measured, ratio, .. } = row;
        writeln!(text, "| {what} | {bar} | {measured} | {ratio} | {reached} |")?;
    }
    Ok(text)
}

/// The page with one section replaced, or added where it belongs in the order of `names`.
pub(crate) fn with_section(page: &str, names: &[&str], name: &str, section: &str) -> String {
    let old = |name: &str| {
        let start = page.find(&format!("## {name}\n"))?;
        let rest = &page[start..];
        let end = rest[3..].find("\n## ").map_or(rest.len(), |end| end + 3);
        Some(rest[..end].trim_end().to_owned())
    };
    let sections = names.iter().filter_map(|other| {
        if *other == name { Some(section.trim_end().to_owned()) } else { old(other) }
    });
    let mut text = HEAD.to_owned();
    for section in sections {
        text.push('\n');
        text.push_str(&section);
        text.push('\n');
    }
    text
}

fn machine() -> String {
    let first = |line: &str| {
        let output = program(line).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.lines().next().map(str::to_owned)
    };
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |line| line.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let date = first("date -u +%Y-%m-%d").unwrap_or_default();
    let rustc = first("rustc --version").unwrap_or_default();
    format!("{date}, {cores} cores of {model}, {rustc}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let names = ["one", "two"];
        let page = with_section("", &names, "two", "## two\n\nold");
        let page = with_section(&page, &names, "one", "## one\n\nfirst");
        let page = with_section(&page, &names, "two", "## two\n\nnew");
        assert!(page.ends_with("\n## one\n\nfirst\n\n## two\n\nnew\n"), "{page}");
        assert_eq!(page.matches("## two").count(), 1);
    }
}

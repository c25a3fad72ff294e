//! The documentation names every column as it is.

use std::fmt::Write;

use crate::Table;

/// A table as `docs/exports.md` shows it.
fn section(table: Table) -> String {
    let mut text = format!(
        "### {table}\n\n{}\n\n| column | type | what it says |\n| --- | --- | --- |\n",
        table.about()
    );
    for column in table.columns() {
        let null = if column.nullable { "" } else { ", never null" };
        let name = column.name;
        writeln!(text, "| {name} | {}{null} | {} |", column.sql_type, column.about).unwrap();
    }
    text
}

#[test]
fn the_documentation_names_every_column() {
    let page = include_str!("../../../../docs/exports.md");
    let sections = Table::CHOICE.into_iter().chain([Table::Removed]).map(section);
    let lacking: Vec<String> = sections.filter(|section| !page.contains(section)).collect();
    let lacking = lacking.join("\n");
    assert!(lacking.is_empty(), "docs/exports.md lacks, or says otherwise:\n{lacking}");
}

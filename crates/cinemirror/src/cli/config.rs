//! `config`: each value and where it came from; a file with every option.

use super::{Context, Exit};
use crate::config::EXAMPLE;
use crate::output::Output;

pub(super) fn check(context: &Context) -> anyhow::Result<Exit> {
    let config = &context.config;
    if context.output.json {
        let rows: Vec<_> = config
            .values
            .iter()
            .map(|(name, value, origin)| {
                serde_json::json!({"name": name, "value": value, "origin": origin})
            })
            .collect();
        context.output.json(&rows)?;
        return Ok(Exit::Done);
    }
    let rows = config
        .values
        .iter()
        .map(|(name, value, origin)| vec![name.clone(), value.clone(), origin.to_string()]);
    context.output.table(&["option", "value", "from"], rows.collect())?;
    Ok(Exit::Done)
}

pub(super) fn example(output: Output) -> anyhow::Result<Exit> {
    output.line(EXAMPLE.trim_end())?;
    Ok(Exit::Done)
}

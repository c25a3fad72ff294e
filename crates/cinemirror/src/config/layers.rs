//! Layers of values over the defaults, checked as they are added.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;
use toml::{Table, Value};

use super::recipes;
use super::settings::{SECRETS, Settings, URLS};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Default,
    File(String),
    Environment(String),
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.pad("default"),
            Self::File(path) => f.pad(path),
            Self::Environment(name) => f.pad(&format!("environment {name}")),
            Self::Flag => f.pad("command line"),
        }
    }
}

/// What is wrong with the configuration, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("could not read {path}: {why}")]
    File { path: String, why: String },
    #[error("unknown option `{name}` ({origin}){hint}; `cinemirror config example` lists them all")]
    Unknown { name: String, origin: Origin, hint: String },
    #[error("`{name}` ({origin}) must be {expected}, not {found}")]
    Unfit { name: String, origin: Origin, expected: &'static str, found: String },
    #[error("`{name}` {why}")]
    Invalid { name: &'static str, why: String },
}

/// Lists whose members are no texts. What the members are is checked as a whole.
const STRUCTURED: [&str; 2] = ["refresh.tiers", "schedule.entries"];

/// Dotted names with their values and origins.
pub(super) struct Layers {
    values: BTreeMap<String, (Value, Origin)>,
}

impl Layers {
    /// The defaults; they also say which names there are, and of which type.
    pub(super) fn defaults() -> Result<Self, ConfigError> {
        let table = Table::try_from(Settings::default()).map_err(|error| ConfigError::File {
            path: "the defaults".to_owned(),
            why: error.to_string(),
        })?;
        let mut values = BTreeMap::new();
        flatten("", table, &mut |name, value| {
            values.insert(name, (value, Origin::Default));
        });
        Ok(Self { values })
    }

    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let file = |why: String| ConfigError::File { path: path.display().to_string(), why };
        let text = std::fs::read_to_string(path).map_err(|error| file(error.to_string()))?;
        let table: Table =
            text.parse().map_err(|error: toml::de::Error| file(told(&text, &error)))?;
        let mut all = vec![];
        flatten("", table, &mut |name, value| all.push((name, value)));
        let origin = Origin::File(path.display().to_string());
        all.into_iter().try_for_each(|(name, value)| self.set(&name, value, origin.clone()))
    }

    /// Sets a value given as text, in the form of the option's default.
    pub(super) fn set_text(
        &mut self,
        name: &str,
        text: &str,
        origin: Origin,
    ) -> Result<(), ConfigError> {
        if recipes::is_parameter(name) {
            return self.set(name, Value::String(text.to_owned()), origin);
        }
        let (known, _) = self.known(name, &origin)?;
        let list = || {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        };
        let value = match known {
            Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
            Value::Float(_) => text.trim().parse().ok().map(Value::Float),
            Value::Boolean(_) => match text.trim() {
                "1" | "true" | "yes" => Some(Value::Boolean(true)),
                "0" | "false" | "no" => Some(Value::Boolean(false)),
                _ => None,
            },
            Value::Array(_) if STRUCTURED.contains(&name) => {
                let table = format!("list = {text}").parse::<Table>();
                table.ok().and_then(|mut table| table.remove("list"))
            }
            Value::Array(_) => Some(list()),
            _ => Some(Value::String(text.to_owned())),
        };
        match value {
            Some(value) => self.set(name, value, origin),
            None => Err(unfit(name, known, &shown(name, &Value::String(text.to_owned())), origin)),
        }
    }

    fn set(&mut self, name: &str, value: Value, origin: Origin) -> Result<(), ConfigError> {
        if recipes::is_parameter(name) {
            let text = recipes::text(&value).ok_or_else(|| {
                unfit(name, &Value::String(String::new()), &shown(name, &value), origin.clone())
            })?;
            self.values.insert(name.to_owned(), (Value::String(text), origin));
            return Ok(());
        }
        let (known, _) = self.known(name, &origin)?;
        let value = match (known, value) {
            (Value::Float(_), Value::Integer(whole)) => Value::Float(whole as f64),
            (_, value) => value,
        };
        let texts =
            |value: &Value| value.as_array().is_none_or(|all| all.iter().all(Value::is_str));
        if known.same_type(&value) && (STRUCTURED.contains(&name) || texts(&value)) {
            self.values.insert(name.to_owned(), (value, origin));
            Ok(())
        } else {
            Err(unfit(name, known, &shown(name, &value), origin))
        }
    }

    fn known(&self, name: &str, origin: &Origin) -> Result<&(Value, Origin), ConfigError> {
        self.values.get(name).ok_or_else(|| {
            let last = name.rsplit('.').next().unwrap_or(name);
            let near = self.values.keys().find(|known| {
                known.ends_with(&format!(".{last}")) || known.starts_with(&format!("{name}_"))
            });
            let hint = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
            ConfigError::Unknown { name: name.to_owned(), origin: origin.clone(), hint }
        })
    }

    pub(super) fn settings(&self) -> Result<Settings, ConfigError> {
        let mut table = Table::new();
        for (name, (value, _)) in &self.values {
            // The name of a recipe's parameter may hold dots itself.
            let depth = if recipes::is_parameter(name) { 4 } else { 2 };
            let mut parts: Vec<&str> = name.splitn(depth, '.').collect();
            let Some(option) = parts.pop() else { continue };
            let place = parts.into_iter().try_fold(&mut table, table_at);
            if let Some(place) = place {
                place.insert(option.to_owned(), value.clone());
            }
        }
        table.try_into().map_err(|error: toml::de::Error| ConfigError::File {
            path: "the configuration".to_owned(),
            why: error.to_string().trim().replace('\n', " "),
        })
    }

    /// Every option in the order of names, secrets hidden.
    pub(super) fn values(&self) -> Vec<(String, String, Origin)> {
        let shown = |(name, (value, origin)): (&String, &(Value, Origin))| {
            (name.clone(), shown(name, value), origin.clone())
        };
        self.values.iter().map(shown).collect()
    }
}

/// The table of that name, made where it is missing.
fn table_at<'t>(table: &'t mut Table, name: &str) -> Option<&'t mut Table> {
    table.entry(name).or_insert_with(|| Value::Table(Table::new())).as_table_mut()
}

fn flatten(prefix: &str, table: Table, each: &mut impl FnMut(String, Value)) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) => flatten(&name, inner, each),
            value => each(name, value),
        }
    }
}

/// Without the line itself, which may hold a secret.
fn told(text: &str, error: &toml::de::Error) -> String {
    let lines = |span: std::ops::Range<usize>| text[..span.start].matches('\n').count() + 1;
    let line = error.span().map(|span| format!("line {}: ", lines(span))).unwrap_or_default();
    format!("{line}{}", error.message())
}

fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if SECRETS.contains(&name) => {
            if text.is_empty() {
                "not set".to_owned()
            } else {
                "hidden".to_owned()
            }
        }
        Value::String(text) if URLS.contains(&name) => {
            format!("\"{}\"", store::without_secrets(text))
        }
        _ if SECRETS.contains(&name) || URLS.contains(&name) => "what is there".to_owned(),
        Value::String(text) => format!("\"{text}\""),
        value => value.to_string(),
    }
}

fn unfit(name: &str, known: &Value, found: &str, origin: Origin) -> ConfigError {
    let expected = match known {
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) if STRUCTURED.contains(&name) => "a list as the example shows",
        Value::Array(_) => "a list of texts",
        _ => "a text",
    };
    ConfigError::Unfit { name: name.to_owned(), origin, expected, found: found.to_owned() }
}

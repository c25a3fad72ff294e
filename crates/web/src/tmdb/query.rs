//! The query of a request, read and checked once for all endpoints.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::endpoints::Endpoint;
use super::fault::Fault;

/// TMDB's bounds (`FACTS.md` sections 5 and 6).
const MAX_APPENDS: usize = 20;
const MAX_PAGE: u32 = 500;

/// What was asked, beyond the path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Parameters that the endpoint takes, decoded; the last of a repeated one.
    given: BTreeMap<&'static str, String>,
}

impl Query {
    /// Reads a query string. Names that the endpoint does not take are left out.
    pub(crate) fn parse(text: &str, endpoint: &Endpoint) -> Result<Self, Fault> {
        let mut given = BTreeMap::new();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            if let Some(known) = endpoint.takes.iter().find(|known| **known == name) {
                given.insert(*known, decoded(value));
            }
        }
        let query = Self { given };
        query.page()?;
        if query.appends().len() > MAX_APPENDS {
            return Err(Fault::Appends);
        }
        Ok(query)
    }

    /// A parameter that was given and is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All that was given and means something, in the order of its names.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let given = self.given.iter().map(|(name, value)| (*name, value.as_str()));
        given.filter(|(_, value)| !value.is_empty())
    }

    /// From 1.
    pub(crate) fn page(&self) -> Result<u32, Fault> {
        let Some(page) = self.get("page") else { return Ok(1) };
        page.parse().ok().filter(|page| (1..=MAX_PAGE).contains(page)).ok_or(Fault::Page)
    }

    /// The parts to append, in the order asked, each once.
    pub(crate) fn appends(&self) -> Vec<&str> {
        let mut parts = vec![];
        for part in self.get("append_to_response").unwrap_or_default().split(',') {
            let part = part.trim();
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

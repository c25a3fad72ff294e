//! What a request asks: its path and its parameters.

use percent_encoding::percent_decode_str;

use crate::universe::Query;

/// A request of the API, its credentials apart from the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    /// The path below `/3/`, decoded.
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) key: Option<String>,
}

impl Question {
    pub(crate) fn read(path: &str, query: &str) -> Self {
        let mut question = Self { path: decode(path.trim_matches('/')), ..Self::default() };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")));
            match name.as_str() {
                "api_key" => question.key = Some(value),
                "session_id" | "guest_session_id" => {}
                _ => {
                    question.query.insert(name, value);
                }
            }
        }
        question
    }

    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').collect()
    }

    /// The wanted page of a list; `None` when there can be no such page.
    pub(crate) fn page(&self) -> Option<u32> {
        let Some(page) = self.query.get("page") else { return Some(1) };
        page.parse().ok().filter(|page| (1..=500).contains(page))
    }

    /// The parts to append, each once.
    pub(crate) fn parts(&self) -> Vec<&str> {
        let wanted = self.query.get("append_to_response").map_or("", String::as_str);
        let mut parts: Vec<&str> = Vec::new();
        for part in wanted.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_without_its_credentials() {
        let question = Question::read("/movie/550/", "api_key=abc&language=de-DE&query=a+b%26c");
        assert_eq!(question.path, "movie/550");
        assert_eq!(question.key.as_deref(), Some("abc"));
        assert_eq!(question.query.len(), 2);
        assert_eq!(question.query["query"], "a b&c");
    }

    #[track_caller]
    fn check(page: &str, wanted: Option<u32>) {
        assert_eq!(Question::read("movie/popular", page).page(), wanted, "{page}");
    }

    #[test]
    fn pages_run_from_1_to_500() {
        check("", Some(1));
        check("page=500", Some(500));
        check("page=0", None);
        check("page=501", None);
        check("page=x", None);
        check("page=-1", None);
    }

    #[test]
    fn each_part_is_asked_for_once() {
        let question = Question::read(
            "movie/1",
            "append_to_response=credits,,images,%20credits,watch/providers",
        );
        assert_eq!(question.parts(), ["credits", "images", "watch/providers"]);
    }
}

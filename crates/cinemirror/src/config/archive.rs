//! Where the bodies of records lie: `[archive]`.

use serde::{Deserialize, Serialize};
use store::{Aws, Bodies};

use super::ConfigError;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    pub url: String,
    pub earlier_url: String,
    /// What an object store takes from the environment.
    #[serde(skip)]
    pub aws: Aws,
}

impl Default for Archive {
    fn default() -> Self {
        Self {
            url: Bodies::IN_DATABASE.to_owned(),
            earlier_url: String::new(),
            aws: Aws::default(),
        }
    }
}

impl Archive {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let invalid = |name| {
            move |why| {
                let why = format!("names no place where bodies can lie: {why}");
                ConfigError::Invalid { name, why }
            }
        };
        Bodies::check(&self.url).map_err(invalid("archive.url"))?;
        if self.earlier_url.is_empty() {
            return Ok(());
        }
        Bodies::check(&self.earlier_url).map_err(invalid("archive.earlier_url"))
    }

    pub fn bodies(&self) -> Bodies {
        let earlier = Some(self.earlier_url.clone()).filter(|url| !url.is_empty());
        Bodies { url: self.url.clone(), earlier_url: earlier, aws: self.aws.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(url: &str, earlier_url: &str, says: &str) {
        let (url, earlier_url) = (url.to_owned(), earlier_url.to_owned());
        let archive = Archive { url, earlier_url, aws: Aws::default() };
        let error = archive.check().expect_err("it was taken").to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_names_no_place_is_refused() {
        assert!(Archive::default().check().is_ok());
        check_refused("films", "", "`archive.url` names no place where bodies can lie: use `data");
        check_refused("database", "file://relative", "archive.earlier_url");
        check_refused("s3://key:hush@films", "", "AWS_ACCESS_KEY_ID");
    }
}

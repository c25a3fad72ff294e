//! What an object store takes from the environment.

use std::collections::BTreeMap;
use std::fmt;

/// The values of names that start with `AWS_`. Never shown.
#[derive(Clone, Default)]
pub struct Aws(Vec<(String, String)>);

impl Aws {
    pub(super) fn from_environment(environment: &BTreeMap<String, String>) -> Self {
        let ours = environment.iter().filter(|(name, _)| name.starts_with("AWS_"));
        Self(ours.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Names and values, as stores of objects take them.
    pub(crate) fn options(&self) -> &[(String, String)] {
        &self.0
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

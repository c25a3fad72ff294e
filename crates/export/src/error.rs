//! Why an export or an import cannot go on.

use domain::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// What was asked for makes no sense.
    #[error("{0}")]
    Asked(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Files could not be read, written or listed.
    #[error("cannot {what} {file}: {why}")]
    Place { what: &'static str, file: String, why: object_store::Error },
    #[error("cannot write {file}: {why}")]
    Write { file: String, why: String },
    #[error("{file} cannot be read: {why}")]
    Unreadable { file: String, why: String },
    /// A defect of this program.
    #[error("a part of the export broke off: {0}")]
    Broken(String),
}

impl ExportError {
    pub(crate) fn write(file: &str, why: &impl std::fmt::Display) -> Self {
        Self::Write { file: file.to_owned(), why: why.to_string() }
    }

    pub(crate) fn unreadable(file: &str, why: impl std::fmt::Display) -> Self {
        Self::Unreadable { file: file.to_owned(), why: why.to_string() }
    }
}

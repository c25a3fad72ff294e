//! What can be said to look after tokens and clients.

use clap::{Args, Subcommand, ValueEnum};
use domain::access::Scope;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token of the control API, and print it this once
    Create(TokenArgs),
    /// List tokens
    List,
    /// End a token
    Revoke { name: String },
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// read: look; write: start, cancel, pause, redrive too; admin: clients too
    #[arg(long, value_enum)]
    pub(crate) scope: ScopeName,
    /// What to call it [default: the scope]
    pub(crate) name: Option<String>,
    /// It counts for so many days [default: for ever]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) expires: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ScopeName {
    Read,
    Write,
    Admin,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Write => Self::Write,
            ScopeName::Admin => Self::Admin,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Make a client, and print its key this once
    Create(ClientArgs),
    /// List clients
    List,
    /// Give a client another key; the old one counts for a while
    Rotate {
        name: String,
        /// Hours for which the old key counts
        #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=720))]
        grace: u32,
    },
    /// End a client's keys
    Revoke { name: String },
    /// Show what clients used, by day
    Usage {
        /// Only this client
        name: Option<String>,
        /// The last days
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ClientArgs {
    /// Letters, digits, -, _ and ., 64 at most
    pub(crate) name: String,
    /// Requests in a second [default: any number]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) per_second: Option<u32>,
    /// Requests in a day of UTC [default: any number]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) per_day: Option<u64>,
}

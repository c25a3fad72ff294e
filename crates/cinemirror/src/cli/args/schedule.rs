//! What can be said of the schedule.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// List the entries: when each comes next, and how it stands
    List,
    /// List the next slots of all entries
    Next {
        /// Show so many slots
        #[arg(long, default_value_t = 10, value_name = "SLOTS")]
        count: usize,
    },
    /// List what was started, the newest first
    Starts {
        /// Only this entry
        name: Option<String>,
        /// Show so many at most
        #[arg(long, default_value_t = 20, value_name = "STARTS")]
        limit: usize,
    },
    /// Let slots pass until resumed; what runs goes on
    Pause(WhichArgs),
    /// Go on with the next slot; what was missed meanwhile is not made up for
    Resume(WhichArgs),
    /// Start an entry's job now, or, while it runs, once that has ended
    Trigger {
        /// An entry, as `schedule list` names it
        name: String,
    },
    /// Keep the schedule until stopped, and leave the collecting to others
    Run,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichArgs {
    /// An entry, as `schedule list` names it
    pub(crate) name: Option<String>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
}

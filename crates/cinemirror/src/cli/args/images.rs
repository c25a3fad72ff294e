//! What can be said of images.

use clap::Subcommand;
use domain::Key;
use domain::images::ImageKind;

#[derive(Debug, Subcommand)]
pub(crate) enum ImagesCommand {
    /// Fetch the images that titles and people lack, the most popular first
    Sync {
        /// Fetch so many images at most
        #[arg(long, value_name = "IMAGES")]
        limit: Option<u64>,
        /// Only this kind: poster, backdrop, profile, still (repeatable)
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<ImageKind>,
    },
    /// Count what is held, by kind and size
    Status,
    /// Compare files with the store, and read every file's header
    Verify {
        /// Drop what is wrong; the next sync fetches it anew
        #[arg(long)]
        repair: bool,
    },
    /// Drop what TMDB's terms do not let us keep, or the images of the keys given
    Purge {
        /// Only the images of these, as movie/550
        #[arg(value_name = "KEY")]
        keys: Vec<Key>,
    },
    /// Say where an image is: here, or else at TMDB
    Address {
        /// A size, such as w500
        size: String,
        /// TMDB's path, such as /abc.jpg
        path: String,
    },
}

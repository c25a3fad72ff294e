//! Addresses on TMDB's image server.

use domain::catalogue::WorkImages;
use records::proto;

use super::parts::path;

const SERVER: &str = "https://image.tmdb.org/t/p";
const STILLS: usize = 12;

pub(super) fn of(
    poster: Option<&str>,
    backdrop: Option<&str>,
    further: Option<&proto::Images>,
) -> WorkImages {
    let poster_at = |size| poster.map(|path| address(size, path));
    let backdrop_at = |size| backdrop.map(|path| address(size, path));
    let backdrops = further.map_or(&[][..], |images| &images.backdrops);
    let stills = backdrops.iter().filter_map(|image| path(image.file_path.as_ref()));
    let stills = stills.filter(|path| Some(path.as_str()) != backdrop);
    WorkImages {
        poster_small: poster_at("w185"),
        poster_medium: poster_at("w342"),
        poster_large: poster_at("w500"),
        poster_original: poster_at("original"),
        backdrop: backdrop_at("w1280"),
        backdrop_mobile: backdrop_at("w780"),
        stills: stills.take(STILLS).map(|path| address("w780", &path)).collect(),
    }
}

fn address(size: &str, path: &str) -> String {
    format!("{SERVER}/{size}{path}")
}

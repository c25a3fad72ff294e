//! Finds the files of the data sets by their names, and reads them, packed or not.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

const MAX_DEPTH: usize = 5;

/// No data set is as large; a packed file that claims to be is cut here.
const MAX_FILE_BYTES: u64 = 1 << 30;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The files of the data sets, sorted by path.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// `*movies*.csv`, a row a movie.
    pub(super) movies: Vec<PathBuf>,
    /// `*credits*.csv`, a row a movie.
    pub(super) credits: Vec<PathBuf>,
    /// `*seasons*.jsonl`, a line a show.
    pub(super) shows: Vec<PathBuf>,
    /// Whatever lies in a folder `lists`.
    pub(super) lists: Vec<PathBuf>,
}

impl Files {
    pub(super) fn find(dir: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        files.walk(dir, MAX_DEPTH)?;
        Ok(files)
    }

    fn walk(&mut self, dir: &Path, depth: usize) -> io::Result<()> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            if !path.is_dir() {
                self.sort_in(path);
            } else if depth > 0 {
                self.walk(&path, depth - 1)?;
            }
        }
        Ok(())
    }

    fn sort_in(&mut self, path: PathBuf) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = name.to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let Some((stem, extension)) = name.rsplit_once('.') else { return };
        let is_in_lists = path.parent().is_some_and(|dir| dir.ends_with("lists"));
        match extension {
            "csv" if stem.contains("movies") => self.movies.push(path),
            "csv" if stem.contains("credits") => self.credits.push(path),
            "jsonl" if stem.contains("seasons") => self.shows.push(path),
            "json" | "jsonl" if is_in_lists => self.lists.push(path),
            _ => {}
        }
    }
}

/// Opens a file for reading, unpacked if it is gzip.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let is_gzip = file.fill_buf()?.starts_with(&GZIP_MAGIC);
    let bytes: Box<dyn Read> =
        if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Box::new(BufReader::with_capacity(1 << 16, bytes.take(MAX_FILE_BYTES))))
}

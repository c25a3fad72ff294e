//! Reads a file of ratings in batches.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use csv::ByteRecord;
use domain::rating::{ImportedRating, RatedTitle};
use flate2::bufread::MultiGzDecoder;

/// Ratings handed on in one go.
pub(super) const BATCH: usize = 10_000;

/// The top of the scale where a file does not say.
const SCALE: f64 = 10.0;

/// What a file was found to hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) ratings: u64,
    pub(super) bad: u64,
    /// `line 7: why`.
    pub(super) first_bad: Option<String>,
}

/// Reads to the end, or until `take` wants no more. An error says what is wrong
/// with the file as a whole.
pub(super) fn read(
    path: &Path,
    mut take: impl FnMut(Vec<ImportedRating>) -> bool,
) -> Result<Lines, String> {
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut text = plain(file)?;
    let delimiter = delimiter(&mut text)?;
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        // Titles in tab separated files may hold quotes, which mean nothing there.
        .quoting(delimiter != b'\t')
        .flexible(true)
        .from_reader(text);
    let headings = table.byte_headers().map_err(|error| broken(&error))?;
    let columns = Columns::find(headings)?;
    let mut lines = Lines::default();
    let mut row = ByteRecord::new();
    let mut batch = Vec::with_capacity(BATCH);
    while table.read_byte_record(&mut row).map_err(|error| broken(&error))? {
        match columns.rating(&row) {
            Ok(rating) => {
                lines.ratings += 1;
                batch.push(rating);
            }
            Err(why) => {
                lines.bad += 1;
                let line = row.position().map_or(0, csv::Position::line);
                lines.first_bad.get_or_insert_with(|| format!("line {line}: {why}"));
            }
        }
        if batch.len() == BATCH && !take(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))) {
            return Ok(lines);
        }
    }
    if !batch.is_empty() {
        take(batch);
    }
    Ok(lines)
}

fn broken(error: &csv::Error) -> String {
    let line = error.position().map(|place| format!(" after line {}", place.line()));
    format!("cannot be read to its end{}: {error}", line.unwrap_or_default())
}

/// Decompresses what is compressed, whatever its name.
fn plain(file: File) -> Result<BufReader<Box<dyn Read>>, String> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let mut file = BufReader::new(file);
    let first = file.fill_buf().map_err(|error| format!("cannot be read: {error}"))?;
    let plain: Box<dyn Read> =
        if first.starts_with(&GZIP) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(BufReader::with_capacity(1 << 16, plain))
}

fn delimiter(text: &mut impl BufRead) -> Result<u8, String> {
    let first = text.fill_buf().map_err(|error| format!("cannot be read: {error}"))?;
    let heading = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(if heading.contains(&b'\t') { b'\t' } else { b',' })
}

/// Where in a row is what.
struct Columns {
    count: usize,
    imdb_id: Option<usize>,
    key: Option<(usize, usize)>,
    value: usize,
    votes: usize,
    scale: Option<usize>,
}

impl Columns {
    /// IMDb's names are `tconst`, `averageRating` and `numVotes`.
    fn find(headings: &ByteRecord) -> Result<Self, String> {
        let names: Vec<String> = headings
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase())
            .collect();
        let place = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        let imdb_id = place(&["imdb_id", "tconst"]);
        let key = place(&["kind"]).zip(place(&["tmdb_id"]));
        let values = place(&["value", "averagerating"]).zip(place(&["votes", "numvotes"]));
        match values.filter(|_| imdb_id.is_some() || key.is_some()) {
            Some((value, votes)) => {
                let scale = place(&["scale"]);
                Ok(Self { count: names.len(), imdb_id, key, value, votes, scale })
            }
            None => Err(format!(
                "its heading is not one of ratings: it must name the columns imdb_id (or kind and \
                 tmdb_id), value and votes, or be IMDb's tconst, averageRating and numVotes; it is `{}`",
                shown(&names.join(","))
            )),
        }
    }

    fn rating(&self, row: &ByteRecord) -> Result<ImportedRating, String> {
        if row.len() != self.count {
            return Err(format!("it has {} columns, the heading has {}", row.len(), self.count));
        }
        let value = number(text(row, self.value)?, "value")?;
        let votes = number(text(row, self.votes)?, "number of votes")?;
        let scale = match self.scale.map(|scale| text(row, scale)).transpose()? {
            None | Some("") => SCALE,
            Some(scale) => number(scale, "scale")?,
        };
        let rating = ImportedRating::new(self.title(row)?, value, scale, votes);
        rating.map_err(|error| error.to_string())
    }

    fn title(&self, row: &ByteRecord) -> Result<RatedTitle, String> {
        let imdb_id = self.imdb_id.map(|column| text(row, column)).transpose()?;
        let name = match (imdb_id.filter(|id| !id.is_empty()), self.key) {
            (None, Some((kind, id))) => format!("{}/{}", text(row, kind)?, text(row, id)?),
            (imdb_id, _) => imdb_id.unwrap_or_default().to_owned(),
        };
        shown(&name).parse().map_err(|error: domain::rating::RatingError| error.to_string())
    }
}

fn text(row: &ByteRecord, column: usize) -> Result<&str, String> {
    let field = str::from_utf8(row.get(column).unwrap_or_default());
    field.map(str::trim).map_err(|error| format!("column {} is no text: {error}", column + 1))
}

fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse().ok().ok_or_else(|| format!("`{}` is not a {what}", shown(text)))
}

/// A file that is no table may be one long line.
fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

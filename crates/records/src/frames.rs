//! zstd frames, of bodies or of whatever else is much alike: dictionaries that are ready to
//! be used, and working memory that each thread keeps.

use std::cell::RefCell;
use std::{fmt, io};

use zstd::zstd_safe::{self, CCtx, CDict, DCtx, DDict};

thread_local! {
    static COMPRESS: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    static DECOMPRESS: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// What frames have in common, so that none needs to say it.
pub struct Dictionary {
    compress: CDict<'static>,
    decompress: DDict<'static>,
}

impl Dictionary {
    /// Of the bytes that [`train`] gave; frames are written at a level of zstd's.
    pub fn new(bytes: &[u8], level: i32) -> Self {
        Self { compress: CDict::create(bytes, level), decompress: DDict::create(bytes) }
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary").finish_non_exhaustive()
    }
}

/// Trains a dictionary of at most `max_bytes` on contents. It fails mostly where they are
/// too few or too small together.
pub fn train(samples: &[Vec<u8>], max_bytes: usize) -> io::Result<Vec<u8>> {
    zstd::dict::from_samples(samples, max_bytes)
}

/// Compresses into a frame; the level is the dictionary's where there is one.
pub fn compress(content: &[u8], dictionary: Option<&Dictionary>, level: i32) -> Vec<u8> {
    let mut frame = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    let result = COMPRESS.with_borrow_mut(|context| match dictionary {
        Some(found) => context.compress_using_cdict(&mut frame, content, &found.compress),
        None => context.compress(&mut frame, content, level),
    });
    result.expect("the frame has room for the worst case");
    frame
}

/// Decompresses a frame of at most `limit` bytes. A dictionary is no hindrance to a frame
/// that was made without one. The error is zstd's name for what is wrong.
pub fn decompress(
    frame: &[u8],
    dictionary: Option<&Dictionary>,
    limit: usize,
) -> Result<Vec<u8>, &'static str> {
    // Every frame of ours says its size; a liar's fails for want of room.
    let size = zstd_safe::get_frame_content_size(frame).ok().flatten().unwrap_or(0);
    let size = usize::try_from(size).unwrap_or(limit).min(limit);
    let mut content = Vec::with_capacity(size);
    let result = DECOMPRESS.with_borrow_mut(|context| match dictionary {
        Some(found) => context.decompress_using_ddict(&mut content, frame, &found.decompress),
        None => context.decompress(&mut content, frame),
    });
    result.map_err(zstd_safe::get_error_name)?;
    Ok(content)
}

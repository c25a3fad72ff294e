//! zstd's working memory, kept for each thread.

use std::cell::RefCell;

use zstd::zstd_safe::{self, CCtx, CDict, DCtx, DDict, ErrorCode};

thread_local! {
    static COMPRESS: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    static DECOMPRESS: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

pub(super) fn compress(content: &[u8], dictionary: Option<&CDict<'_>>, level: i32) -> Vec<u8> {
    let mut frame = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    let result = COMPRESS.with_borrow_mut(|context| match dictionary {
        Some(dictionary) => context.compress_using_cdict(&mut frame, content, dictionary),
        None => context.compress(&mut frame, content, level),
    });
    result.expect("the frame has room for the worst case");
    frame
}

/// Decompresses a frame of at most `limit` bytes.
pub(super) fn decompress(
    frame: &[u8],
    dictionary: Option<&DDict<'_>>,
    limit: usize,
) -> Result<Vec<u8>, ErrorCode> {
    // Every frame of ours says its size; a liar's fails for want of room.
    let size = zstd_safe::get_frame_content_size(frame).ok().flatten().unwrap_or(0);
    let size = usize::try_from(size).unwrap_or(limit).min(limit);
    let mut content = Vec::with_capacity(size);
    DECOMPRESS.with_borrow_mut(|context| match dictionary {
        Some(dictionary) => context.decompress_using_ddict(&mut content, frame, dictionary),
        None => context.decompress(&mut content, frame),
    })?;
    Ok(content)
}

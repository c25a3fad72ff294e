//! Compares rows with files, and reads every file's header.

use domain::images::{Image, Which};
use serde::Serialize;

use super::{BATCH, Gallery, check};
use crate::error::PipelineError;

/// What is wrong with an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageFault {
    /// `w500/abc.jpg`.
    pub image: String,
    pub what: String,
}

/// Looks at every row and every file. Returns how many images there are, and
/// what is wrong; `repair` drops what is, so that the next sync fetches it anew.
pub async fn verify(
    gallery: &Gallery,
    repair: bool,
) -> Result<(u64, Vec<ImageFault>), PipelineError> {
    let _lock = gallery.folder.lock().await?;
    let mut images = 0;
    let mut faults = vec![];
    let mut after = None;
    loop {
        let page = gallery.images.held(&Which::All, after.as_ref(), BATCH).await?;
        images += page.len() as u64;
        let is_end = page.len() < BATCH;
        after = page.last().map(|image| image.name.clone());
        let bad = look(gallery, page).await?;
        if repair {
            let bad: Vec<Image> = bad.iter().map(|(image, _)| image.clone()).collect();
            gallery.discard(&bad).await?;
        }
        let fault =
            |(image, what): (Image, String)| ImageFault { image: image.name.to_string(), what };
        faults.extend(bad.into_iter().map(fault));
        if is_end {
            break;
        }
    }
    faults.extend(lost(gallery, repair).await?);
    Ok((images, faults))
}

async fn look(gallery: &Gallery, page: Vec<Image>) -> Result<Vec<(Image, String)>, PipelineError> {
    let look = move |folder: &super::Folder| {
        let bad = page.into_iter().filter_map(|image| {
            let path = folder.path(&image.name);
            let what = match std::fs::metadata(&path) {
                Err(error) => Some(format!("it has a row and no file: {error}")),
                Ok(file) if file.len() != image.bytes => {
                    Some(format!("it has {} bytes, not {}", file.len(), image.bytes))
                }
                Ok(_) => check::file(&path, image.kind, image.name.size).err(),
            };
            what.map(|what| (image, what))
        });
        Ok(bad.collect())
    };
    gallery.folder.blocking(look).await
}

async fn lost(gallery: &Gallery, repair: bool) -> Result<Vec<ImageFault>, PipelineError> {
    let found = gallery.folder.walk().await?;
    let lost = gallery.without_row(found.names).await?;
    let faults = lost.iter().map(|name| ImageFault {
        image: name.to_string(),
        what: "it has a file and no row".to_owned(),
    });
    let faults = faults.collect();
    if repair {
        gallery.folder.delete(lost).await?;
    }
    Ok(faults)
}

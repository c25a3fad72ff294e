//! The folder of images: files are whole or not there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::images::ImageName;

use crate::error::PipelineError;

/// Ends the names of files that are being written.
const UNFINISHED: &str = ".part";

#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

/// Keeps other syncs and verifies out of a folder while it lives.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "dropping it unlocks")] File);

/// What lies in a folder, as far as it is ours.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) names: Vec<ImageName>,
    /// Files that a sync did not finish.
    pub(super) unfinished: Vec<PathBuf>,
}

impl Folder {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn path(&self, name: &ImageName) -> PathBuf {
        self.root.join(name.place())
    }

    /// Makes the folder where it is missing. A sync may then take every
    /// unfinished file for a leftover.
    pub(super) async fn lock(&self) -> Result<Lock, PipelineError> {
        self.blocking(|folder| {
            let root = folder.root.display();
            let disk =
                |source| PipelineError::Disk { what: format!("open the folder {root}"), source };
            fs::create_dir_all(&folder.root).map_err(disk)?;
            let file = File::create(folder.root.join(".lock")).map_err(disk)?;
            match file.try_lock() {
                Ok(()) => Ok(Lock(file)),
                Err(fs::TryLockError::WouldBlock) => Err(PipelineError::Source {
                    what: "images".to_owned(),
                    why: format!("another sync or verify works in {root}; wait for it to end"),
                }),
                Err(fs::TryLockError::Error(source)) => Err(disk(source)),
            }
        })
        .await
    }

    /// The lengths of files, `None` for those that are not there.
    pub(super) async fn lengths(
        &self,
        names: Vec<ImageName>,
    ) -> Result<Vec<Option<u64>>, PipelineError> {
        self.blocking(move |folder| {
            let length = |name| {
                let found = fs::metadata(folder.path(name)).ok();
                found.filter(fs::Metadata::is_file).map(|found| found.len())
            };
            Ok(names.iter().map(length).collect())
        })
        .await
    }

    /// Writes a file under another name, and gives it its own once it is safe on disk.
    pub(super) async fn save(&self, name: &ImageName, bytes: Bytes) -> Result<(), PipelineError> {
        let path = self.path(name);
        self.blocking(move |_| {
            let saved = save(&path, &bytes);
            saved.map_err(|source| PipelineError::Disk {
                what: format!("write {}{}", path.display(), hint(&source)),
                source,
            })
        })
        .await
    }

    /// A file that is not there is as good as deleted.
    pub(super) async fn delete(&self, names: Vec<ImageName>) -> Result<(), PipelineError> {
        self.blocking(move |folder| names.iter().try_for_each(|name| delete(&folder.path(name))))
            .await
    }

    pub(super) async fn delete_unfinished(&self, paths: Vec<PathBuf>) -> Result<(), PipelineError> {
        self.blocking(move |_| paths.iter().try_for_each(|path| delete(path))).await
    }

    /// Looks at every file. What lies where no image of ours would is left alone.
    pub(super) async fn walk(&self) -> Result<Found, PipelineError> {
        self.blocking(|folder| {
            let mut found = Found::default();
            walk(&folder.root, &mut |path| {
                if path.to_string_lossy().ends_with(UNFINISHED) {
                    found.unfinished.push(path);
                } else if let Some(name) = folder.name_of(&path) {
                    found.names.push(name);
                }
            })?;
            Ok(found)
        })
        .await
    }

    fn name_of(&self, path: &Path) -> Option<ImageName> {
        let below = path.strip_prefix(&self.root).ok()?;
        let size = below.iter().next()?.to_str()?;
        let file = below.file_name()?.to_str()?;
        let name = ImageName::new(size, &format!("/{file}")).ok()?;
        (below == Path::new(&name.place())).then_some(name)
    }

    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, PipelineError> + Send + 'static,
    ) -> Result<T, PipelineError> {
        let folder = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}

fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some(folder) = path.parent() else { return Err(io::ErrorKind::InvalidInput.into()) };
    fs::create_dir_all(folder)?;
    let mut unfinished = path.to_owned().into_os_string();
    unfinished.push(UNFINISHED);
    let written = write(Path::new(&unfinished), bytes)
        .and_then(|()| fs::rename(&unfinished, path))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        // What cannot be deleted now is swept by the next sync.
        fs::remove_file(&unfinished).ok();
    }
    written
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn delete(path: &Path) -> Result<(), PipelineError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PipelineError::Disk { what: format!("delete {}", path.display()), source: error })
        }
        _ => Ok(()),
    }
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            " (make room, or lower images.max_gib)"
        }
        _ => "",
    }
}

fn walk(folder: &Path, each: &mut impl FnMut(PathBuf)) -> Result<(), PipelineError> {
    let disk = |source| PipelineError::Disk { what: format!("read {}", folder.display()), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(disk)?,
    };
    for entry in entries {
        let entry = entry.map_err(disk)?;
        let kind = entry.file_type().map_err(disk)?;
        if kind.is_dir() {
            walk(&entry.path(), each)?;
        } else if kind.is_file() {
            each(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> ImageName {
        ImageName::new("w500", "/abc.jpg").unwrap()
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let at = tempfile::tempdir().unwrap();
        let folder = Folder::new(at.path().to_owned());
        // A folder in the place of the image: the rename fails.
        fs::create_dir_all(folder.path(&name()).join("x")).unwrap();
        let error = folder.save(&name(), Bytes::from_static(b"x")).await.unwrap_err();
        assert!(error.to_string().contains("w500/ab/abc.jpg"), "{error}");
        let found = folder.walk().await.unwrap();
        assert_eq!((found.names.len(), found.unfinished.len()), (0, 0));
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(hint(&full).contains("images.max_gib"));
        // Linux's device that is always full.
        if Path::new("/dev/full").exists() {
            let error = write(Path::new("/dev/full"), b"x").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
    }

    #[tokio::test]
    async fn only_one_sync_works_in_a_folder() {
        let at = tempfile::tempdir().unwrap();
        let folder = Folder::new(at.path().join("images"));
        let lock = folder.lock().await.unwrap();
        let error = folder.lock().await.unwrap_err();
        assert!(error.to_string().contains("another sync"), "{error}");
        drop(lock);
        folder.lock().await.unwrap();
    }

    #[tokio::test]
    async fn strange_files_are_left_alone() {
        let at = tempfile::tempdir().unwrap();
        let folder = Folder::new(at.path().to_owned());
        folder.save(&name(), Bytes::from_static(b"x")).await.unwrap();
        for file in ["mine.jpg", "w500/abc.jpg", "w500/ab/xyz.jpg", "w500/ab/abd.jpg.part"] {
            fs::write(at.path().join(file), b"x").unwrap();
        }
        let found = folder.walk().await.unwrap();
        assert_eq!(found.names, [name()]);
        assert_eq!(found.unfinished, [at.path().join("w500/ab/abd.jpg.part")]);
    }
}

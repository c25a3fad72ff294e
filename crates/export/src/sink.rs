//! A file that threads write and the runtime stores, in parts, hashed on the way.

use std::io::{self, Write};

use bytes::Bytes;
use object_store::WriteMultipart;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::place::Place;
use crate::table::Table;

/// What is handed over in one go.
const CHUNK: usize = 512 << 10;

/// A file being written. Dropped before its end, it leaves nothing.
pub(crate) struct Sink {
    name: String,
    table: Table,
    buffer: Vec<u8>,
    bytes: u64,
    hasher: blake3::Hasher,
    send: mpsc::Sender<Part>,
    stored: Option<JoinHandle<Result<(), ExportError>>>,
    runtime: Handle,
}

enum Part {
    Bytes(Bytes),
    /// Only what ends with this is kept.
    End,
}

impl Sink {
    pub(crate) fn begin(place: &Place, table: Table, name: String, runtime: &Handle) -> Self {
        let (send, receive) = mpsc::channel(2);
        let stored = runtime.spawn(store(place.clone(), name.clone(), receive));
        Self {
            name,
            table,
            buffer: Vec::with_capacity(CHUNK),
            bytes: 0,
            hasher: blake3::Hasher::new(),
            send,
            stored: Some(stored),
            runtime: runtime.clone(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes + self.buffer.len() as u64
    }

    /// Ends the file; it is stored when this returns. Not to be called on the runtime.
    pub(crate) fn finish(mut self, rows: u64) -> Result<FileEntry, ExportError> {
        self.hand_over().map_err(|error| ExportError::write(&self.name, &error))?;
        if self.send.blocking_send(Part::End).is_err() {
            return Err(self.cause());
        }
        match self.stored.take().map(|stored| self.runtime.block_on(stored)) {
            Some(Ok(Ok(()))) => Ok(FileEntry {
                name: self.name,
                table: self.table,
                rows,
                bytes: self.bytes,
                blake3: self.hasher.finalize().to_hex().to_string(),
            }),
            Some(Ok(Err(error))) => Err(error),
            Some(Err(error)) => Err(ExportError::Broken(error.to_string())),
            None => Err(ExportError::write(&self.name, &"it was given up")),
        }
    }

    fn hand_over(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.hasher.update(&self.buffer);
        self.bytes += self.buffer.len() as u64;
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        match self.send.blocking_send(Part::Bytes(full.into())) {
            Ok(()) => Ok(()),
            Err(_closed) => Err(io::Error::other(self.cause())),
        }
    }

    /// Why nobody stores it any longer.
    fn cause(&mut self) -> ExportError {
        match self.stored.take().map(|stored| self.runtime.block_on(stored)) {
            Some(Ok(Err(error))) => error,
            _ => ExportError::write(&self.name, &"the export was stopped"),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == CHUNK {
            self.hand_over()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn store(
    place: Place,
    name: String,
    mut receive: mpsc::Receiver<Part>,
) -> Result<(), ExportError> {
    let fault = |why| ExportError::Place { what: "write", file: place.shown(&name), why };
    let mut upload = WriteMultipart::new(place.begin(&name).await?);
    while let Some(part) = receive.recv().await {
        match part {
            Part::Bytes(bytes) => {
                // One part on its way at most: several files are written at once.
                upload.wait_for_capacity(1).await.map_err(fault)?;
                upload.put(bytes);
            }
            Part::End => return upload.finish().await.map(drop).map_err(fault),
        }
    }
    // Whoever wrote it has gone away. What cannot be taken back now, the next export sweeps.
    drop(upload.abort().await);
    Ok(())
}

//! A mirror that is being served, as a process.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use crate::mirror::Mirror;

/// Killed at the end whatever happens.
pub(crate) struct Served {
    child: Child,
    /// Kept open, so that the process can go on writing.
    _output: BufReader<ChildStdout>,
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) url: String,
}

impl Served {
    /// Starts `up` or `serve` at a free port.
    #[track_caller]
    pub(crate) fn start(mirror: &Mirror, arguments: &[&str]) -> Self {
        let mut all = vec!["--json", "-q"];
        all.extend(arguments);
        let mut command = mirror.command(&all);
        command.env("CINEMIRROR__SCHEDULE__PRESET", "none");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.ends_with("}\n") {
            let read = output.read_line(&mut said).unwrap();
            let mut why = String::new();
            if read == 0 {
                child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            }
            assert!(read > 0, "{arguments:?} ended: {said}{why}");
        }
        // Its log goes nowhere from here on.
        drop(child.stderr.take());
        let said: Value = serde_json::from_str(&said).unwrap();
        let url = said["url"].as_str().unwrap().to_owned();
        Self { child, _output: output, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

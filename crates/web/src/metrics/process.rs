//! What the process takes of its machine, where the machine tells.

use super::Exposition;

pub(super) fn write(out: &mut Exposition) {
    let Some(bytes) = resident() else { return };
    out.gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
    out.sample(&[], bytes);
}

/// Linux tells it; others have no such file.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}

//! How much memory there is for this process: the machine's, or less where a control
//! group (a container, a unit with `MemoryMax=`) says so.

use std::path::Path;

/// In bytes; `None` where the system does not tell.
pub(crate) fn available() -> Option<u64> {
    available_in(Path::new("/"))
}

fn available_in(root: &Path) -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let machine = read("proc/meminfo").as_deref().and_then(total);
    let groups = read("proc/self/cgroup").unwrap_or_default();
    let limits = groups.lines().filter_map(Group::of).flat_map(|group| {
        // A group may take no more than any of those around it.
        let paths = Path::new(group.path).ancestors().filter_map(Path::to_str);
        paths.map(|path| format!("{}/{path}/{}", group.tree, group.file)).collect::<Vec<_>>()
    });
    let limits = limits.filter_map(|path| read(&path)?.trim().parse::<u64>().ok());
    machine.into_iter().chain(limits).min()
}

/// `MemTotal:       24684224 kB`
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1 << 10)
}

/// Where the limits of a control group of this process stand.
struct Group<'a> {
    tree: &'static str,
    path: &'a str,
    file: &'static str,
}

impl<'a> Group<'a> {
    /// Of a line such as `0::/system.slice/cinemirror.service`; the first version names
    /// what it limits: `4:cpu,memory:/…`.
    fn of(line: &'a str) -> Option<Self> {
        let (_, rest) = line.split_once(':')?;
        let (limited, path) = rest.split_once(':')?;
        let path = path.trim_start_matches('/');
        if limited.is_empty() {
            return Some(Self { tree: "sys/fs/cgroup", path, file: "memory.max" });
        }
        let is_memory = limited.split(',').any(|what| what == "memory");
        let tree = "sys/fs/cgroup/memory";
        is_memory.then_some(Self { tree, path, file: "memory.limit_in_bytes" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine of 2 GiB with some files.
    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let meminfo = ("proc/meminfo", "MemTotal:        2097152 kB\nMemFree:  1 kB\n");
        for (path, text) in files.iter().chain([&meminfo]) {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], mebibytes: u64) {
        let machine = machine(files);
        assert_eq!(available_in(machine.path()).map(|bytes| bytes >> 20), Some(mebibytes));
    }

    #[test]
    fn without_limits_it_is_the_machines() {
        check(&[], 2048);
        check(&[("proc/self/cgroup", "0::/\n")], 2048);
        let unlimited = [
            ("proc/self/cgroup", "0::/user.slice\n"),
            ("sys/fs/cgroup/user.slice/memory.max", "max\n"),
        ];
        check(&unlimited, 2048);
    }

    #[test]
    fn a_group_and_those_around_it_limit_it() {
        let group = ("proc/self/cgroup", "0::/system.slice/cinemirror.service\n");
        let own = ("sys/fs/cgroup/system.slice/cinemirror.service/memory.max", "536870912\n");
        let outer = ("sys/fs/cgroup/system.slice/memory.max", "268435456\n");
        check(&[group, own], 512);
        check(&[group, own, outer], 256);
        // What is more than the machine has limits nothing.
        check(&[group, ("sys/fs/cgroup/system.slice/memory.max", "9223372036854771712")], 2048);
    }

    #[test]
    fn groups_of_the_first_version_are_known() {
        let groups = ("proc/self/cgroup", "8:pids:/a\n4:cpu,memory:/docker/1f\n0::/\n");
        let limit = "134217728\n";
        check(&[groups, ("sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes", limit)], 128);
        // Within a container its own group is the root.
        check(&[groups, ("sys/fs/cgroup/memory/memory.limit_in_bytes", limit)], 128);
        check(&[groups, ("sys/fs/cgroup/pids/a/memory.limit_in_bytes", limit)], 2048);
    }

    #[test]
    fn a_system_that_tells_nothing_is_unknown() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(available_in(root.path()), None);
    }
}

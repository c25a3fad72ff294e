//! Hosts of their own for workers: network namespaces on one bridge.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// The side of the bridge on which server, database and fake TMDB listen.
pub(crate) const SERVER: &str = "10.77.0.1";

/// Whose connections the database takes.
pub(crate) const HOSTS: &str = "10.77.0.0/24";

/// A bridge with so many hosts; gone when dropped.
pub(crate) struct Network {
    tag: String,
    hosts: usize,
}

impl Network {
    /// Needs root, and `ip` (Debian's `iproute2`).
    pub(crate) fn new(hosts: usize) -> anyhow::Result<Self> {
        let others = Command::new("ip").args(["-oneline", "addr"]).output()?;
        let are_there = String::from_utf8_lossy(&others.stdout).contains(&format!(" {SERVER}/"));
        ensure!(
            !are_there,
            "{SERVER} is an address of this machine already; was a run killed? `ip link del` its bridge, and `ip netns del` its hosts"
        );
        // Names of interfaces are short.
        let network = Self { tag: format!("cm{}", std::process::id() % 10_000), hosts };
        let tag = &network.tag;
        ip(&format!("link add {tag} type bridge"))?;
        ip(&format!("addr add {SERVER}/24 dev {tag}"))?;
        ip(&format!("link set {tag} up"))?;
        for host in 0..hosts {
            let (name, cable) = (network.name(host), network.cable(host));
            ip(&format!("netns add {name}"))?;
            ip(&format!("link add {cable} type veth peer name eth0 netns {name}"))?;
            ip(&format!("link set {cable} master {tag} up"))?;
            ip(&format!("-n {name} addr add 10.77.0.{}/24 dev eth0", host + 10))?;
            ip(&format!("-n {name} link set eth0 up"))?;
            ip(&format!("-n {name} link set lo up"))?;
        }
        Ok(network)
    }

    /// A command that runs on a host.
    pub(crate) fn on(&self, host: usize, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(host)]).arg(program);
        command
    }

    /// Pulls a host's cable.
    pub(crate) fn cut(&self, host: usize) -> anyhow::Result<()> {
        ip(&format!("link set {} down", self.cable(host)))
    }

    pub(crate) fn mend(&self, host: usize) -> anyhow::Result<()> {
        ip(&format!("link set {} up", self.cable(host)))
    }

    fn name(&self, host: usize) -> String {
        format!("{}n{host}", self.tag)
    }

    fn cable(&self, host: usize) -> String {
        format!("{}v{host}", self.tag)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for host in 0..self.hosts {
            drop(ip(&format!("netns del {}", self.name(host))));
            drop(ip(&format!("link del {}", self.cable(host))));
        }
        drop(ip(&format!("link del {}", self.tag)));
    }
}

fn ip(line: &str) -> anyhow::Result<()> {
    let output = Command::new("ip").args(line.split(' ')).output();
    let output = output.context("could not start `ip`, of Debian's iproute2")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`ip {line}` failed: {error}");
    Ok(())
}

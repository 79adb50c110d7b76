//! Who may have a connection: a cap on all of them, and one on each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::process::{Resource, getrlimit};

use super::Limits;

/// Open files that are not for clients: the database, uploads, the program's own.
const FILES_KEPT: usize = 256;

/// Counts the connections. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    counts: Arc<Mutex<Counts>>,
    connections: usize,
    connections_per_address: usize,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    /// Only networks that have a connection, so that it is as bounded as the connections are.
    by_network: HashMap<IpAddr, usize>,
}

/// A connection's place, given back when dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    counts: Arc<Mutex<Counts>>,
    network: Option<IpAddr>,
}

/// Why a connection is not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The server has as many as it can serve.
    Server,
    /// The address has as many as one address may have.
    Address,
}

/// Whether a peer's own connections are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeerKind {
    /// A client, or a proxy that nobody vouches for.
    Client,
    /// A trusted proxy, which speaks for many clients.
    TrustedProxy,
}

impl Admission {
    /// No connections yet. The cap on all of them is lowered to what the limit of open files leaves.
    pub(super) fn new(limits: &Limits) -> Self {
        let mut connections = limits.connections;
        if let Some(files) = getrlimit(Resource::Nofile).current {
            let room = usize::try_from(files)
                .unwrap_or(usize::MAX)
                .saturating_sub(FILES_KEPT)
                .max(1);
            if room < connections {
                tracing::warn!(
                    asked = connections,
                    given = room,
                    "connection limit lowered to the limit of open files"
                );
                connections = room;
            }
        }
        Self {
            counts: Arc::default(),
            connections,
            connections_per_address: limits.connections_per_address,
        }
    }

    /// How many connections there are.
    pub(super) fn open(&self) -> usize {
        self.counts.lock().all
    }

    /// A place for a connection from `address`.
    pub(super) fn admit(&self, address: IpAddr, kind: PeerKind) -> Result<Admitted, Full> {
        let mut counts = self.counts.lock();
        if counts.all >= self.connections {
            return Err(Full::Server);
        }
        let network = (kind == PeerKind::Client).then(|| network_of(address));
        if let Some(network) = network {
            let count = counts.by_network.entry(network).or_default();
            if *count >= self.connections_per_address {
                if *count == 0 {
                    counts.by_network.remove(&network);
                }
                return Err(Full::Address);
            }
            *count += 1;
        }
        counts.all += 1;
        Ok(Admitted {
            counts: Arc::clone(&self.counts),
            network,
        })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        counts.all -= 1;
        if let Some(network) = self.network
            && let Some(count) = counts.by_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                counts.by_network.remove(&network);
            }
        }
    }
}

/// What one customer of a network operator has: an IPv4 address, or an IPv6 /64 network.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(connections: usize, connections_per_address: usize) -> Admission {
        Admission::new(&Limits {
            connections,
            connections_per_address,
            ..Limits::default()
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_is_given_back_and_leaves_no_trace() {
        let admission = admission(2, 1);
        let first = admission.admit(address("192.0.2.1"), PeerKind::Client).unwrap();
        assert_eq!(
            admission
                .admit(address("192.0.2.1"), PeerKind::Client)
                .unwrap_err(),
            Full::Address
        );
        let second = admission.admit(address("192.0.2.2"), PeerKind::Client).unwrap();
        assert_eq!(
            admission
                .admit(address("192.0.2.3"), PeerKind::Client)
                .unwrap_err(),
            Full::Server
        );
        drop((first, second));
        let counts = admission.counts.lock();
        assert_eq!((counts.all, counts.by_network.len()), (0, 0));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_and_both_spellings_of_ipv4_count_together() {
        let admission = admission(9, 1);
        let _first = admission
            .admit(address("2001:db8:1:2::1"), PeerKind::Client)
            .unwrap();
        assert!(
            admission
                .admit(address("2001:db8:1:2:3:4:5:6"), PeerKind::Client)
                .is_err()
        );
        let _other = admission
            .admit(address("2001:db8:1:3::1"), PeerKind::Client)
            .unwrap();
        let _third = admission
            .admit(address("::ffff:192.0.2.1"), PeerKind::Client)
            .unwrap();
        assert!(admission.admit(address("192.0.2.1"), PeerKind::Client).is_err());
    }

    #[test]
    fn a_trusted_proxy_is_bound_by_the_whole_only() {
        let admission = admission(3, 1);
        let places: Vec<_> = (0..3)
            .map(|_| {
                admission
                    .admit(address("10.0.0.1"), PeerKind::TrustedProxy)
                    .unwrap()
            })
            .collect();
        assert_eq!(
            admission
                .admit(address("10.0.0.1"), PeerKind::TrustedProxy)
                .unwrap_err(),
            Full::Server
        );
        drop(places);
    }

    #[test]
    fn a_cap_of_none_refuses_all_and_remembers_nobody() {
        let admission = admission(3, 0);
        assert_eq!(
            admission
                .admit(address("192.0.2.1"), PeerKind::Client)
                .unwrap_err(),
            Full::Address
        );
        assert!(admission.counts.lock().by_network.is_empty());
    }
}

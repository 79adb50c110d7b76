//! Where a request really comes from. `X-Forwarded-For` and `X-Forwarded-Proto` are believed only when a
//! configured proxy says them: from anybody else they are an attempt to be somebody else.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Whether somebody says in these headers where a request comes from, whether that is believed or not.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED_FOR) || headers.contains_key(FORWARDED_PROTO)
}

/// The proxies whose word about a client's address counts. Cheap to clone. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub client: IpAddr,
    /// Whether the client uses https, as far as a trusted proxy says.
    pub secure: bool,
    /// Whether a trusted proxy says so.
    pub proxied: bool,
}

/// A part of the setting that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is neither an IP address nor a network such as 10.0.0.0/8")]
pub struct ProxyError {
    /// What was written there.
    pub entry: String,
}

impl FromStr for TrustedProxies {
    type Err = ProxyError;

    /// Addresses and networks in CIDR form, separated by commas; nothing means no proxy.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(parse_network).collect::<Result<_, _>>().map(Self)
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl TrustedProxies {
    /// Whether `address` is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Where a request with `headers` comes from that `peer` has sent.
    ///
    /// Every proxy appends the address that it was called from, so the list is read from its end: the first
    /// address that is not a trusted proxy is the client; what stands before it is hearsay. Something
    /// unreadable ends the list: then the nearest trusted proxy before it is all that is known.
    pub fn origin(&self, peer: SocketAddr, headers: &HeaderMap) -> Origin {
        let peer = peer.ip().to_canonical();
        if !self.contains(peer) {
            return Origin {
                client: peer,
                secure: false,
                proxied: false,
            };
        }
        let client = self.way(headers).last().unwrap_or(peer);
        // Written by the nearest proxy, whether it replaces what it got or appends to it.
        let scheme = entries_from_the_end(headers, FORWARDED_PROTO).next();
        Origin {
            client,
            secure: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
            proxied: true,
        }
    }

    /// The trusted proxies that a request came through, the nearest first.
    pub fn via(&self, peer: SocketAddr, headers: &HeaderMap) -> Vec<IpAddr> {
        let peer = peer.ip().to_canonical();
        let is_trusted = |address: &IpAddr| self.contains(*address);
        std::iter::once(peer)
            .chain(self.way(headers))
            .take_while(is_trusted)
            .collect()
    }

    /// What a trusted proxy says of where a request was before: the addresses of proxies before it, and at last the
    /// client's, as far as they are to be believed.
    fn way<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = IpAddr> + 'a {
        let mut ended = false;
        entries_from_the_end(headers, FORWARDED_FOR).map_while(move |entry| {
            let address = parse_address(entry).filter(|_| !ended)?;
            ended = !self.contains(address);
            Some(address)
        })
    }
}

fn parse_network(entry: &str) -> Result<IpNet, ProxyError> {
    let network = entry
        .parse()
        .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
    let network: IpNet = network.map_err(|_| ProxyError {
        entry: entry.to_owned(),
    })?;
    Ok(match network {
        // Addresses are compared in their canonical form.
        IpNet::V6(six) if six.prefix_len() == 128 => IpNet::from(IpAddr::V6(six.addr()).to_canonical()),
        network => network.trunc(),
    })
}

/// The entries of a comma-separated header field, last first, over all of its lines. A line that is not text
/// reads as one unreadable entry.
fn entries_from_the_end<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    lines
        .into_iter()
        .rev()
        .flat_map(|line| line.to_str().unwrap_or("?").rsplit(','))
        .map(str::trim)
}

/// An address as proxies write it: bare, with a port, or IPv6 in brackets.
fn parse_address(entry: &str) -> Option<IpAddr> {
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address: Option<IpAddr> = entry.parse().ok().or_else(bracketed).or_else(with_port);
    address.map(|address| address.to_canonical())
}

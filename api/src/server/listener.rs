//! The listening socket, with the options that accepted sockets inherit from it.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::net::TcpListener;

use super::Limits;

/// A socket that listens, ready to be served.
#[derive(Debug)]
pub struct Listener {
    pub(super) socket: TcpListener,
    address: SocketAddr,
}

/// Why no socket listens. The message is fit for an operator.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program listens there.
    #[error("address {address} is in use by another program")]
    InUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Ports below 1024 need a right that the process does not have.
    #[error("no right to listen on {address}")]
    NotPermitted {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Anything else, such as an address that this machine does not have.
    #[error("cannot listen on {address}")]
    Failed {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
}

impl Listener {
    /// Listens on `address`; port 0 lets the system choose. An unspecified IPv6 address takes IPv4
    /// connections as well. Must be called inside a tokio runtime.
    pub fn bind(address: SocketAddr, limits: &Limits) -> Result<Self, ListenError> {
        listen(address, limits).map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse { address },
            io::ErrorKind::PermissionDenied => ListenError::NotPermitted { address },
            _ => ListenError::Failed { address, source },
        })
    }

    /// The address that it listens on, with the port that the system chose.
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }
}

fn listen(address: SocketAddr, limits: &Limits) -> io::Result<Listener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // Lets a restarted server bind while connections of the last one are in TIME_WAIT; two listeners stay
    // impossible.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Accepted sockets inherit these, which saves three system calls for each.
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(limits.tcp_keepalive)
            .with_interval(limits.tcp_keepalive / 4),
    )?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(limits.tcp_user_timeout))?;
    socket.bind(&address.into())?;
    socket.listen(i32::from(limits.backlog))?;
    let socket = TcpListener::from_std(socket.into())?;
    Ok(Listener {
        address: socket.local_addr()?,
        socket,
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use socket2::SockRef;
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn accepted_sockets_inherit_the_options() {
        let limits = Limits::default();
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), &limits).unwrap();
        let _client = TcpStream::connect(listener.local_address()).await.unwrap();
        let (accepted, _) = listener.socket.accept().await.unwrap();
        let accepted = SockRef::from(&accepted);
        assert!(accepted.tcp_nodelay().unwrap());
        assert!(accepted.keepalive().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(
            accepted.tcp_user_timeout().unwrap(),
            Some(limits.tcp_user_timeout)
        );
    }
}

//! Who a client is, before it is told that it is connected.

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cookie::Cookie;
use domain::actor::Actor;
use domain::ids::AccountId;
use eventlog::Position;
use http::HeaderMap;
use http::header::COOKIE;
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::socket::DisconnectReason;
use tokio::time::{Instant, timeout};

use crate::allowance::Allowance;
use crate::asked;
use crate::auth::Auth;
use crate::authenticate::{Grant, Unavailable};
use crate::catch_up::see_to;
use crate::client::{Client, Opening, Resume};
use crate::limits::Exceeded;
use crate::link::Link;
use crate::lists;
use crate::options::AudienceMode;
use crate::origin::Proof;
use crate::rooms;
use crate::shared::Shared;

/// The message of a `connect_error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// Too much of something.
    Limited(Exceeded),
    /// Nobody who may be here.
    Unauthorized,
    /// It passed something that is none.
    BadRequest(&'static str),
    /// It cannot be told at present. The connection is cut, so that clients come back by themselves.
    Unavailable,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limited(exceeded) => exceeded.fmt(f),
            Self::Unauthorized => f.write_str("unauthorized"),
            Self::BadRequest(what) => write!(f, "bad request: {what}"),
            Self::Unavailable => f.write_str("unavailable"),
        }
    }
}

impl From<Exceeded> for Refused {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limited(exceeded)
    }
}

impl From<Unavailable> for Refused {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

/// Opens the namespace. Everything that a client may do at once after it is connected is made ready by the middleware,
/// which runs before the client is told; the connect handler runs after.
pub(crate) fn open(shared: &Arc<Shared>, io: &SocketIo) {
    let on_admit = Arc::clone(shared);
    let on_connected = Arc::clone(shared);
    let admit = move |socket: SocketRef, TryData(auth): TryData<Value>| async move {
        admit(&on_admit, &socket, &auth.unwrap_or_default()).await
    };
    let connected = move |socket: SocketRef| {
        connected(&on_connected, &socket);
        ready(())
    };
    io.ns("/", connected.with(admit));
}

async fn admit(shared: &Arc<Shared>, socket: &SocketRef, auth: &Value) -> Result<(), Refused> {
    // Only requests that have passed the gate have a link.
    let Some(link) = socket.req_parts().extensions.get::<Arc<Link>>().cloned() else {
        return Err(Refused::Unauthorized);
    };
    let admitted = if link.is_cut() || shared.closing.load(Ordering::SeqCst) {
        Err(Refused::Unavailable)
    } else {
        match Auth::parse(auth) {
            Ok(auth) => admit_by(shared, socket, &link, auth).await,
            Err(what) => Err(Refused::BadRequest(what)),
        }
    };
    match admitted {
        Ok(()) => {}
        Err(Refused::Unauthorized | Refused::BadRequest(_) | Refused::Limited(_)) => link.refused(),
        Err(Refused::Unavailable) => link.cut(),
    }
    admitted
}

async fn admit_by(
    shared: &Arc<Shared>,
    socket: &SocketRef,
    link: &Arc<Link>,
    auth: Auth,
) -> Result<(), Refused> {
    if !link.begins() {
        shared.admit_handshake(link.network)?;
    }
    let revocations = shared.revocations.load(Ordering::SeqCst);
    let grant = identify(shared, &socket.req_parts().headers, link.proof, auth.token).await?;
    link.hold(None);
    let resume = match auth.position {
        Some(position) => Some(resume(shared, position).await?),
        None => None,
    };
    if let Some(grant) = grant {
        link.hold(Some(shared.place_for_client(grant.account)?));
        let is_certain = await_account(shared, grant.account).await;
        if !is_certain && shared.accounts.account(grant.account).is_none() {
            // Clients take `unauthorized` for final, and this is not.
            return Err(Refused::Unavailable);
        }
    }
    asked::listen(shared, socket);
    listen_for_end(shared, socket);
    shared.registry.add_link(socket.id, link).await;
    let client = register(shared, socket, link, grant)?;
    client.prepare(Opening {
        resume,
        tickets: rooms::renew(shared, &client, &auth.tickets).await,
        lists: lists::watch_all(shared, &client, auth.lists).await,
        signals: Vec::new(),
    });

    // Whoever revokes tells those that are registered. If somebody did while this one was not yet, ask once more.
    let Some(grant) = grant.filter(|_| shared.revocations.load(Ordering::SeqCst) != revocations) else {
        return Ok(());
    };
    let living = timeout(
        shared.options.patience,
        shared.authenticator.living(&[grant.session]),
    )
    .await;
    let refused = match living {
        Ok(Ok(living)) if living.contains(&grant.session) => return Ok(()),
        Ok(Ok(_)) => Refused::Unauthorized,
        Ok(Err(Unavailable)) | Err(_) => Refused::Unavailable,
    };
    shared.registry.remove(&client);
    Err(refused)
}

/// The session that the client came in by; none if it is anonymous and may be.
async fn identify(
    shared: &Shared,
    headers: &HeaderMap,
    proof: Proof,
    token: Option<String>,
) -> Result<Option<Grant>, Refused> {
    let from_cookie = match proof {
        Proof::Page => cookie_token(headers, &shared.options.cookie_names),
        Proof::None => None,
    };
    let is_explicit = token.is_some();
    if let Some(token) = token.or(from_cookie) {
        let asking = async {
            let _permit = shared.authentications.acquire().await.map_err(|_| Unavailable)?;
            shared.authenticator.authenticate(&token).await
        };
        let found = timeout(shared.options.patience, asking)
            .await
            .unwrap_or(Err(Unavailable))?;
        if found.is_some() || is_explicit {
            return found.map(Some).ok_or(Refused::Unauthorized);
        }
    }
    // A cookie that has expired does not keep anybody out who would be let in without one.
    match shared.options.audience {
        AudienceMode::Everyone => Ok(None),
        AudienceMode::Permitted => Err(Refused::Unauthorized),
    }
}

/// Where a client was that says that it has seen everything up to `position`. It may come from a node that is further
/// than this one: the log decides.
async fn resume(shared: &Shared, position: Position) -> Result<Resume, Refused> {
    if position <= *shared.log.head_watch().borrow() {
        return Ok(Resume::From(position));
    }
    let asking = timeout(shared.options.patience, shared.log.head());
    match asking.await {
        Ok(Ok(head)) if position <= head.position => Ok(Resume::From(position)),
        Ok(Ok(_)) => Ok(Resume::Unknown),
        Ok(Err(_)) | Err(_) => Err(Refused::Unavailable),
    }
}

/// The token in the first of these cookies that is there.
fn cookie_token(headers: &HeaderMap, names: &[String]) -> Option<String> {
    names.iter().find_map(|name| {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned())
    })
}

/// Somebody who has just registered, maybe at another node, may be ahead of the directory. False if it cannot be said
/// whether an account that is still unknown then does not exist.
async fn await_account(shared: &Shared, account: AccountId) -> bool {
    if shared.accounts.account(account).is_some() {
        return true;
    }
    let Ok(_permit) = shared.log_reads.acquire().await else {
        return false;
    };
    let patience = shared.options.patience;
    match timeout(patience, shared.log.head()).await {
        Ok(Ok(head)) => shared.accounts.reaches(head.position, patience).await,
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Puts the client among those that receive broadcasts. What happens from now on, it is told once it is connected.
fn register(
    shared: &Shared,
    socket: &SocketRef,
    link: &Arc<Link>,
    grant: Option<Grant>,
) -> Result<Arc<Client>, Refused> {
    let client = Arc::new(Client::new(
        socket.clone(),
        Arc::clone(link),
        grant,
        Actor::Anonymous,
        Allowance::full(shared.options.inbound, Instant::now()),
        shared.begun.load(Ordering::SeqCst),
    ));
    shared.registry.add(&client);
    let Some(grant) = grant else {
        return Ok(client);
    };
    // Whoever changes rights changes the directory first, and then those that are registered, of which this is one now. If
    // that happened between the question and what follows from it, the answer is no longer the same.
    let mut known = None;
    loop {
        let Some(actor) = shared.actor(grant.account) else {
            shared.registry.remove(&client);
            return Err(Refused::Unauthorized);
        };
        if known.replace(actor) == Some(actor) {
            break;
        }
        client.become_actor(actor, |_| {});
    }
    shared.registry.assign(&client);
    Ok(client)
}

fn listen_for_end(shared: &Arc<Shared>, socket: &SocketRef) {
    let shared = Arc::clone(shared);
    socket.on_disconnect(move |socket: SocketRef, reason: DisconnectReason| {
        if let Some(client) = shared.registry.client(socket.id) {
            if let Some(grant) = client
                .grant
                .filter(|_| reason == DisconnectReason::HeartbeatTimeout)
            {
                // It has been away for longer than a page takes to load again.
                shared.presence.vanish(grant.account, client.id);
            }
            shared.registry.remove(&client);
        }
        tracing::info!(
            "[Socket.IO] Client disconnected: {} ({})",
            socket.id,
            reason_text(reason)
        );
        ready(())
    });
}

/// The client has been told that it is connected.
fn connected(shared: &Arc<Shared>, socket: &SocketRef) {
    let Some(client) = shared.registry.client(socket.id) else {
        // Dismissed while it was let in.
        if let Some(link) = socket.req_parts().extensions.get::<Arc<Link>>() {
            link.cut();
        }
        return;
    };
    tracing::info!("[Socket.IO] Client connected: {}", socket.id);
    let present = || {
        if let Some(grant) = client.grant {
            shared.presence.open(grant.account, client.id);
        }
    };
    let standing = client.connected(&shared.course(), present);
    see_to(shared, &client, standing);
}

/// The words of the original's server for the reasons of an end.
pub(crate) const fn reason_text(reason: DisconnectReason) -> &'static str {
    match reason {
        DisconnectReason::TransportClose => "transport close",
        DisconnectReason::TransportError | DisconnectReason::MultipleHttpPollingError => "transport error",
        DisconnectReason::PacketParsingError => "parse error",
        DisconnectReason::HeartbeatTimeout => "ping timeout",
        DisconnectReason::ClientNSDisconnect => "client namespace disconnect",
        DisconnectReason::ServerNSDisconnect => "server namespace disconnect",
        DisconnectReason::ClosingServer => "server shutting down",
    }
}

//! `Message-ID`s (RFC 5322, section 3.6.4). They are computed, so that a mail that is sent twice has one, and so that every
//! mail about a ticket can name the first one that its recipient had without looking it up.

use domain::ids::{AccountId, TicketId};
use url::{Host, Url};
use uuid::Uuid;

/// What our ids are made in. Never changed, or threads would break.
const NAMESPACE: Uuid = Uuid::from_u128(0x8f1c_7a52_51d0_4f5e_9b5e_2c60_7d0b_6a11);

/// The id of the first mail that `recipient` has about `ticket`.
pub(super) fn root(ticket: TicketId, recipient: AccountId, host: &str) -> String {
    named(&format!("ticket/{ticket}/{recipient}"), host)
}

/// The id of the mail of this `kind` about an event.
pub(super) fn of_event(event: Uuid, recipient: AccountId, kind: &str, host: &str) -> String {
    named(&format!("event/{event}/{recipient}/{kind}"), host)
}

fn named(name: &str, host: &str) -> String {
    format!("<{}@{host}>", Uuid::new_v5(&NAMESPACE, name.as_bytes()))
}

/// What stands behind the `@` of ids: the host of the desk's address.
pub(crate) fn host(app_url: &str) -> String {
    let url = Url::parse(app_url).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(domain)) => domain.to_owned(),
        Some(Host::Ipv4(address)) => format!("[{address}]"),
        Some(Host::Ipv6(address)) => format!("[IPv6:{address}]"),
        None => "localhost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (TicketId, AccountId, AccountId) {
        let id = Uuid::from_u128;
        (
            TicketId::from_uuid(id(1)),
            AccountId::from_uuid(id(2)),
            AccountId::from_uuid(id(3)),
        )
    }

    #[test]
    fn a_thread_is_one_tickets_and_one_recipients() {
        let (ticket, ada, bob) = ids();
        let root_id = root(ticket, ada, "desk.example");
        assert_eq!(root_id, "<e489392d-42bc-58f3-b218-3b940c29e0c4@desk.example>");
        assert_ne!(root_id, root(ticket, bob, "desk.example"));
        let event = Uuid::from_u128(4);
        let id = of_event(event, ada, "status", "desk.example");
        assert_eq!(id, of_event(event, ada, "status", "desk.example"));
        assert_ne!(id, of_event(event, bob, "status", "desk.example"));
        assert_ne!(id, of_event(event, ada, "comment", "desk.example"));
        assert_ne!(id, of_event(Uuid::from_u128(5), ada, "status", "desk.example"));
    }

    #[test]
    fn the_host_is_the_desks() {
        assert_eq!(host("https://desk.example.org/help"), "desk.example.org");
        assert_eq!(host("https://bücher.example"), "xn--bcher-kva.example");
        assert_eq!(host("http://127.0.0.1:3003"), "[127.0.0.1]");
        assert_eq!(host("http://[::1]:3003"), "[IPv6:::1]");
        assert_eq!(host("nonsense"), "localhost");
    }
}

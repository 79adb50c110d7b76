//! Events to and from their stored form: a type's name, a schema version, and JSON text.
//!
//! The names are the storage format. They are never changed and never used again for something else.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::AccessEvent;
use crate::account::AccountEvent;
use crate::operation::OperationEvent;
use crate::ticket::TicketEvent;
use crate::upcast::upcast;

/// An event in its stored form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The type's stable name.
    pub event_type: &'static str,
    /// The version of the payload's shape, from 1.
    pub schema_version: i32,
    /// The payload as JSON text.
    pub payload: String,
}

/// Why a stored event could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// This program does not know the type or the version: it is older than the log. Nothing may be skipped.
    #[error("event type {event_type} in version {schema_version} is not known to this program")]
    Unknown {
        /// The type's name.
        event_type: String,
        /// The version.
        schema_version: i32,
    },
    /// The payload is not of its type's shape.
    #[error("the payload of a {event_type} cannot be read")]
    Malformed {
        /// The type's name.
        event_type: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

fn read<T: DeserializeOwned>(event_type: &str, payload: &str) -> Result<T, CodecError> {
    serde_json::from_str(payload).map_err(|source| CodecError::Malformed {
        event_type: event_type.to_owned(),
        source,
    })
}

fn write<T: Serialize>(event_type: &'static str, event: &T) -> Encoded {
    // Every event is made of strings, numbers and options with string keys; serde_json cannot fail on those.
    let payload = serde_json::to_string(event).unwrap_or_default();
    debug_assert!(!payload.is_empty(), "a {event_type} did not become JSON");
    Encoded {
        event_type,
        schema_version: 1,
        payload,
    }
}

macro_rules! codec {
    ($event:ident, $encode:ident, $decode:ident, $types:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        /// The names of all types of this aggregate's events.
        pub const $types: &[&str] = &[$($name),+];

        /// The stored form of an event.
        pub fn $encode(event: &$event) -> Encoded {
            match event {
                $($event::$variant(event) => write($name, event)),+
            }
        }

        /// The event of a stored form.
        pub fn $decode(event_type: &str, schema_version: i32, payload: &str) -> Result<$event, CodecError> {
            let unknown = || CodecError::Unknown { event_type: event_type.to_owned(), schema_version };
            let present = upcast(event_type, schema_version, payload).ok_or_else(unknown)?;
            match event_type {
                $($name => read(event_type, &present).map($event::$variant),)+
                _ => Err(unknown()),
            }
        }
    };
}

codec!(TicketEvent, encode_ticket, decode_ticket, TICKET_EVENT_TYPES {
    Created = "TicketCreated",
    TitleChanged = "TicketTitleChanged",
    DescriptionChanged = "TicketDescriptionChanged",
    StatusChanged = "TicketStatusChanged",
    PriorityChanged = "TicketPriorityChanged",
    CategoryChanged = "TicketCategoryChanged",
    Assigned = "TicketAssigned",
    Unassigned = "TicketUnassigned",
    CommentAdded = "CommentAdded",
    AttachmentAdded = "AttachmentAdded",
    Deleted = "TicketDeleted",
});

codec!(AccountEvent, encode_account, decode_account, ACCOUNT_EVENT_TYPES {
    Registered = "AccountRegistered",
    NameChanged = "AccountNameChanged",
    DepartmentChanged = "AccountDepartmentChanged",
    RoleChanged = "AccountRoleChanged",
    Deactivated = "AccountDeactivated",
    Reactivated = "AccountReactivated",
    NotificationsChanged = "AccountNotificationsChanged",
});

codec!(AccessEvent, encode_access, decode_access, ACCESS_EVENT_TYPES {
    RecordAccessed = "RecordAccessed",
});

codec!(OperationEvent, encode_operation, decode_operation, OPERATION_EVENT_TYPES {
    EventSkipped = "EventSkipped",
});

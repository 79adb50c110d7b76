//! The seed's table, row by row.

use std::fmt::Write as _;

use domain::codec;
use realtime::{BROADCAST_NAMES, Scope, broadcast};

use crate::samples::events;

#[test]
fn every_event_becomes_the_broadcast_that_the_seed_says() {
    let mut table = String::new();
    for event in events() {
        let row = broadcast(&event);
        assert!(BROADCAST_NAMES.contains(&row.name), "{} is not counted", row.name);
        let scope = match row.scope {
            Scope::All => "all clients",
            Scope::AllAndRoom => "all clients + ticket room",
            Scope::Room => "ticket room only",
        };
        let event_type = codec::encode_ticket(&event).event_type;
        writeln!(table, "{event_type} | {} | {scope} | {:?}", row.name, row.object).unwrap();
    }
    let expected = "\
TicketCreated | ticket:created | all clients | Ticket
TicketTitleChanged | ticket:updated | all clients + ticket room | Ticket
TicketDescriptionChanged | ticket:updated | all clients + ticket room | Ticket
TicketStatusChanged | ticket:updated | all clients + ticket room | Ticket
TicketPriorityChanged | ticket:updated | all clients + ticket room | Ticket
TicketCategoryChanged | ticket:updated | all clients + ticket room | Ticket
TicketAssigned | ticket:updated | all clients + ticket room | Ticket
TicketUnassigned | ticket:updated | all clients + ticket room | Ticket
CommentAdded | comment:added | ticket room only | Comment
CommentAdded | comment:added | ticket room only | Comment
AttachmentAdded | attachment:added | ticket room only | Attachment
TicketDeleted | ticket:deleted | all clients + ticket room | Deleted
";
    assert_eq!(table, expected);
}

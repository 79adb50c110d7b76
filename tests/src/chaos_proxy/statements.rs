//! The Postgres wire protocol, as far as a proxy must know it: where messages end, which statement is executed, and
//! which answer belongs to which question.

use std::collections::HashMap;

use bytes::{Buf, Bytes, BytesMut};

/// Cuts a stream of bytes into messages.
#[derive(Debug)]
pub(super) struct Messages {
    buffer: BytesMut,
    /// A client's first message has no type.
    startup: bool,
}

impl Messages {
    pub(super) fn of_client() -> Self {
        Self {
            buffer: BytesMut::new(),
            startup: true,
        }
    }

    pub(super) fn of_server() -> Self {
        Self {
            buffer: BytesMut::new(),
            startup: false,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, with its type if it has one.
    pub(super) fn next(&mut self) -> Option<Message> {
        let head = usize::from(!self.startup);
        let mut length = self.buffer.get(head..head + 4)?;
        let end = head + usize::try_from(length.get_u32()).unwrap();
        if self.buffer.len() < end {
            return None;
        }
        let kind = if self.startup { None } else { Some(self.buffer[0]) };
        self.startup = false;
        Some(Message {
            kind,
            head,
            bytes: self.buffer.split_to(end).freeze(),
        })
    }
}

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: Option<u8>,
    head: usize,
    pub(super) bytes: Bytes,
}

impl Message {
    fn body(&self) -> &[u8] {
        &self.bytes[self.head + 4..]
    }

    /// Whether the server answers it (and all before it) with "ready for query".
    pub(super) fn asks(&self) -> bool {
        matches!(self.kind, None | Some(b'S' | b'Q'))
    }

    /// Whether it is "ready for query".
    pub(super) fn is_ready(&self) -> bool {
        self.kind == Some(b'Z')
    }
}

/// The statements that a client has prepared on its connection.
#[derive(Debug, Default)]
pub(super) struct Statements(HashMap<Vec<u8>, String>);

impl Statements {
    /// The text of the statement that this message has executed, if it does.
    pub(super) fn executed(&mut self, message: &Message) -> Option<String> {
        match message.kind? {
            b'P' => {
                let (name, rest) = c_string(message.body())?;
                let (sql, _) = c_string(rest)?;
                self.0.insert(name.to_vec(), text(sql));
                None
            }
            b'B' => {
                let (_portal, rest) = c_string(message.body())?;
                let (name, _) = c_string(rest)?;
                self.0.get(name).cloned()
            }
            b'Q' => c_string(message.body()).map(|(sql, _)| text(sql)),
            _ => None,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn c_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

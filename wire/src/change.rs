//! A field of a ticket that differs.

use domain::ticket::{Audience, Change, Field, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::person::{People, Uploader, called};
use crate::ticket::{Attachment, Comment};

/// What a field is, or was. Null where there was nothing: no ticket, nobody, no time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ChangeValue {
    /// Whether it is so.
    Flag(bool),
    /// A text, one of a few spellings, or a time.
    Text(String),
    /// Something that was said.
    Comment(Box<Comment>),
    /// A file.
    Attachment(Box<Attachment>),
    /// Somebody.
    Person(Uploader),
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    /// Which one: title, description, status, priority, category, requester, assignee, resolvedAt, comment, attachment,
    /// deleted.
    #[schema(examples("status"))]
    pub field: String,
    /// What it was.
    pub from: Option<ChangeValue>,
    /// What it is.
    pub to: Option<ChangeValue>,
    /// The same in words.
    #[schema(examples("the status changed from OPEN to WAITING"))]
    pub text: String,
}

impl FieldChange {
    /// `change`, if `audience` may know of it.
    pub fn of(change: &Change, audience: Audience, people: &impl People) -> Option<Self> {
        let value = |value: &Option<Value>| match value {
            None if change.field == Field::Deleted => Some(Some(ChangeValue::Flag(false))),
            None => Some(None),
            Some(value) => shown(value, audience, people).map(Some),
        };
        Some(Self {
            field: change.field.as_str().to_owned(),
            from: value(&change.from)?,
            to: value(&change.to)?,
            text: change.clause(&|id| called(id, people)),
        })
    }
}

fn shown(value: &Value, audience: Audience, people: &impl People) -> Option<ChangeValue> {
    Some(match value {
        Value::Text(text) => ChangeValue::Text(text.clone()),
        Value::Spelling(spelling) => ChangeValue::Text((*spelling).to_owned()),
        Value::Time(time) => ChangeValue::Text(time.to_string()),
        Value::Person(id) => ChangeValue::Person(Uploader::of(*id, people)),
        Value::Comment(comment) => ChangeValue::Comment(Box::new(Comment::of(comment, audience, people)?)),
        Value::Attachment(attachment) => {
            ChangeValue::Attachment(Box::new(Attachment::of(attachment, people)))
        }
        Value::Yes => ChangeValue::Flag(true),
    })
}

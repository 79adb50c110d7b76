//! Every limit of the domain, by name.
//!
//! Lower bounds of titles, descriptions, names and passwords are those of the original Informejo; upper bounds are
//! its own where it has them (titles) and ours where it has none.

/// Characters in a ticket's title, at least.
pub const TITLE_CHARS_MIN: usize = 5;
/// Characters in a ticket's title, at most.
pub const TITLE_CHARS_MAX: usize = 200;
/// Characters in a ticket's description, at least.
pub const DESCRIPTION_CHARS_MIN: usize = 10;
/// Bytes (UTF-8) in a ticket's description, at most.
pub const DESCRIPTION_BYTES_MAX: usize = 64 * 1024;
/// Bytes (UTF-8) in a comment, at most.
pub const COMMENT_BYTES_MAX: usize = 64 * 1024;
/// Characters in a person's name, at least.
pub const NAME_CHARS_MIN: usize = 2;
/// Characters in a person's name, at most.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters in a department's name, at most.
pub const DEPARTMENT_CHARS_MAX: usize = 200;
/// Characters in a reason or a remark that the log keeps, at most.
pub const NOTE_CHARS_MAX: usize = 500;
/// Characters in the name of an API token, at most.
pub const TOKEN_NAME_CHARS_MAX: usize = 100;
/// Bytes in an e-mail address, at most (RFC 5321 4.5.3.1.3, less the angle brackets).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Bytes (UTF-8) in an attachment's file name, at most (what common file systems hold).
pub const FILE_NAME_BYTES_MAX: usize = 255;
/// Bytes in a media type, at most.
pub const MEDIA_TYPE_BYTES_MAX: usize = 127;
/// Bytes in one attachment, at most, whatever the settings say (settings may lower it): 1 GiB.
pub const ATTACHMENT_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Comments on one ticket, at most.
pub const COMMENTS_PER_TICKET_MAX: u32 = 10_000;
/// Attachments on one ticket, at most.
pub const ATTACHMENTS_PER_TICKET_MAX: u32 = 200;
/// Bytes in all attachments of one ticket together, at most: 500 MiB.
pub const ATTACHMENT_BYTES_PER_TICKET_MAX: u64 = 500 * 1024 * 1024;

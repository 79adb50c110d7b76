//! Settings of mail.

use crate::config::setting::{NONE, Setting};

pub(super) const SMTP_HOST: Setting = Setting {
    name: "SMTP_HOST",
    value: "NAME",
    default: "none, see MAIL_DIR",
    example: "smtp.example.org",
    help: "The server that mails are handed to",
    ..NONE
};

pub(super) const SMTP_PORT: Setting = Setting {
    name: "SMTP_PORT",
    value: "NUMBER",
    default: "587, or 465 if SMTP_TLS is implicit",
    example: "465",
    help: "Its port",
    ..NONE
};

pub(super) const SMTP_USER: Setting = Setting {
    name: "SMTP_USER",
    value: "NAME",
    default: "none",
    example: "informejo",
    help: "Who signs in there, by SMTP_PASSWORD",
    ..NONE
};

pub(super) const SMTP_PASSWORD: Setting = Setting {
    name: "SMTP_PASSWORD",
    value: "PASSWORD",
    default: "none",
    example: "a-long-password",
    help: "The password of SMTP_USER; as a flag, other users of this machine can read it",
    secret: true,
    ..NONE
};

pub(super) const SMTP_TLS: Setting = Setting {
    name: "SMTP_TLS",
    value: "starttls|implicit|none",
    default: "implicit on port 465, else starttls",
    example: "starttls",
    help: "How the way there is encrypted; without STARTTLS nothing is sent, and a password is never sent without TLS but to \
           this machine",
    ..NONE
};

pub(super) const SMTP_CA_FILE: Setting = Setting {
    name: "SMTP_CA_FILE",
    value: "FILE",
    default: "none",
    example: "/etc/ssl/private-ca.pem",
    help: "Certificates in PEM that are trusted beside the machine's own, for SMTP",
    ..NONE
};

pub(super) const SMTP_TIMEOUT: Setting = Setting {
    name: "SMTP_TIMEOUT",
    value: "SECONDS",
    default: "30",
    example: "10",
    help: "How long one answer of the SMTP server may take, three times as long after a whole mail, 1 to 60",
    ..NONE
};

pub(super) const MAIL_DIR: Setting = Setting {
    name: "MAIL_DIR",
    value: "FOLDER",
    default: "DATA_DIR/mail",
    example: "/var/spool/informejo",
    help: "Where mails are put, one file each, while SMTP_HOST is not set; whoever reads them can follow the links in them",
    ..NONE
};

pub(super) const SMTP_FROM: Setting = Setting {
    name: "SMTP_FROM",
    value: "ADDRESS",
    default: "informejo@ the host of APP_URL",
    example: "Help desk <help@example.org>",
    help: "Who mails are from",
    ..NONE
};

//! Headers that `lettre` has no types for.

use std::error::Error;

use lettre::message::header::{Header, HeaderName, HeaderValue};

/// A header with a fixed name, whose value is ours: ASCII, without spaces to fold at.
macro_rules! header {
    ($(#[$doc:meta])* $type:ident = $name:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(super) struct $type(pub(super) String);

        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
            }
        }
    };
}

header! {
    /// RFC 3834: no person wrote this, so no program shall answer it.
    AutoSubmitted = "Auto-Submitted"
}
header! {
    /// RFC 2369: where one says that one wants no more of it.
    ListUnsubscribe = "List-Unsubscribe"
}
header! {
    /// RFC 8058: and that one request does it.
    ListUnsubscribePost = "List-Unsubscribe-Post"
}
header! {
    /// A subject that is encoded already, see [`super::message`].
    EncodedSubject = "Subject"
}

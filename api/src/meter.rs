//! Counting requests, for whoever watches: what is counted, not how.

use std::time::Duration;

use http::Method;

/// How a request was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The method; `other` if it is none of those that HTTP knows.
    pub method: &'static str,
    /// The route's template, never the path: there are few of them. `none` if no route took the request.
    pub route: &'a str,
    /// The status code.
    pub status: u16,
    /// From the end of its head to the beginning of the answer.
    pub took: Duration,
}

/// Counts requests. Called for each one, so it must be quick.
pub trait HttpMeter: Send + Sync {
    /// A request is being handled.
    fn begin(&self);
    /// It was answered; or not, if its client went away first.
    fn end(&self, answered: Option<Answered<'_>>);
}

/// Counts nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMeter;

impl HttpMeter for NoMeter {
    fn begin(&self) {}
    fn end(&self, _: Option<Answered<'_>>) {}
}

/// A request that is being handled: it ends when this is dropped, if it was not answered before.
pub(crate) struct UnderWay<'a>(Option<&'a dyn HttpMeter>);

impl<'a> UnderWay<'a> {
    pub(crate) fn begin(meter: &'a dyn HttpMeter) -> Self {
        meter.begin();
        Self(Some(meter))
    }

    pub(crate) fn answered(mut self, answered: Answered<'_>) {
        if let Some(meter) = self.0.take() {
            meter.end(Some(answered));
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(meter) = self.0 {
            meter.end(None);
        }
    }
}

/// A method's name. A method may be any word that a client likes; the known ones are few.
pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counts {
        under_way: AtomicI32,
        answered: AtomicI32,
    }

    impl HttpMeter for Counts {
        fn begin(&self) {
            self.under_way.fetch_add(1, Ordering::Relaxed);
        }
        fn end(&self, answered: Option<Answered<'_>>) {
            self.under_way.fetch_sub(1, Ordering::Relaxed);
            self.answered
                .fetch_add(i32::from(answered.is_some()), Ordering::Relaxed);
        }
    }

    #[test]
    fn a_request_ends_once_whether_it_is_answered_or_abandoned() {
        let counts = Counts::default();
        let abandoned = UnderWay::begin(&counts);
        let answered = UnderWay::begin(&counts);
        assert_eq!(counts.under_way.load(Ordering::Relaxed), 2);
        answered.answered(Answered {
            method: "GET",
            route: "/health",
            status: 200,
            took: Duration::ZERO,
        });
        drop(abandoned);
        assert_eq!(counts.under_way.load(Ordering::Relaxed), 0);
        assert_eq!(counts.answered.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_method_that_a_client_made_up_has_no_name() {
        assert_eq!(method_name(&Method::PATCH), "PATCH");
        assert_eq!(method_name(&Method::from_bytes(b"BREW").unwrap()), "other");
    }
}

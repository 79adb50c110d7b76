//! The query of a URL, read as strictly as a body.

use axum::extract::FromRequestParts;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::shape;
use crate::problem::{self, ApiError, ApiResult};

/// A request's query as `T`, whose fields are optional strings. A parameter that is not known is an error (422): a
/// misspelt filter that is passed over shows more than was asked for.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// A [`Query`] some of whose parameters are lists: they may come more than once, and their values are joined by commas.
#[derive(Debug)]
pub struct ListQuery<T>(pub T);

/// A query with parameters that may come more than once.
pub trait Repeats {
    /// Their names. Their values have no commas in them.
    const REPEATABLE: &'static [&'static str];
}

impl<T: DeserializeOwned + Repeats, S: Sync> FromRequestParts<S> for ListQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let pairs = pairs(parts.uri.query().unwrap_or_default())?;
        shape::pairs(joined(pairs, T::REPEATABLE)).map(Self)
    }
}

fn read<T: DeserializeOwned>(query: &str) -> ApiResult<T> {
    shape::pairs(pairs(query)?)
}

fn pairs(query: &str) -> ApiResult<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decode(name)?, decode(value)?))
    });
    pairs.collect()
}

fn joined(pairs: Vec<(String, String)>, repeatable: &[&str]) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    for (name, value) in pairs {
        let repeatable = repeatable.contains(&name.as_str());
        match joined
            .iter_mut()
            .find(|(earlier, _)| repeatable && *earlier == name)
        {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => joined.push((name, value)),
        }
    }
    joined
}

fn decode(text: &str) -> ApiResult<String> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    let decoded = decoded.map_err(|_| problem::bad_request("Malformed query").detail("it is not UTF-8"))?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        status: Option<String>,
        search: Option<String>,
    }

    #[test]
    fn values_are_decoded() {
        let filter: Filter = read("status=OPEN&search=a%2Bb+c%20%C3%A9&").unwrap();
        assert_eq!(filter.status.as_deref(), Some("OPEN"));
        assert_eq!(filter.search.as_deref(), Some("a+b c é"));
        assert!(read::<Filter>("").unwrap().status.is_none());
    }

    #[test]
    fn only_lists_may_come_more_than_once() {
        let of = |query| {
            let pairs = joined(pairs(query).unwrap(), &["status"]);
            shape::pairs::<Filter>(pairs)
                .map(|filter| (filter.status, filter.search))
                .ok()
        };
        let lists = of("status=OPEN&search=a&status=WAITING,CLOSED").unwrap();
        assert_eq!(
            lists,
            (Some("OPEN,WAITING,CLOSED".to_owned()), Some("a".to_owned()))
        );
        assert_eq!(of("search=a&search=b"), None);
    }

    #[test]
    fn what_is_not_utf8_is_refused() {
        assert_eq!(read::<Filter>("status=%ff").unwrap_err().status(), 400);
        assert_eq!(read::<Filter>("%ff=OPEN").unwrap_err().status(), 400);
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "\\PC*") {
            let _ = read::<Filter>(&query);
        }
    }
}

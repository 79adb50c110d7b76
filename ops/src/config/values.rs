//! From the text of one setting to its value.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::place::Place;
use super::setting::Setting;
use super::sources::{ConfigError, Environment};

/// Reads settings out of an environment and names the wrong one.
pub(super) struct Reader<'a> {
    pub(super) environment: &'a Environment,
}

impl Reader<'_> {
    /// The value of a setting, by `parse`; `None` where nobody has given one. The error of `parse` says what the value
    /// is not ("is not a number").
    pub(super) fn optional<T, E: Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ConfigError> {
        let setting = Setting::named(name);
        let Some((text, name)) = self.environment.get(setting) else {
            return Ok(None);
        };
        parse(&text).map(Some).map_err(|problem| {
            let shown = if setting.secret {
                String::new()
            } else {
                format!("{text:?} ")
            };
            ConfigError {
                name,
                problem: format!("{shown}{problem} (example: {})", setting.example),
            }
        })
    }

    /// A whole number within a range; the default is the table's.
    pub(super) fn number(&self, name: &str, range: RangeInclusive<u64>) -> Result<u64, ConfigError> {
        let (low, high) = (*range.start(), *range.end());
        let parse = |text: &str| match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(format!("is not a number from {low} to {high}")),
        };
        let default = || Setting::named(name).default.parse().unwrap_or(low);
        Ok(self.optional(name, parse)?.unwrap_or_else(default))
    }
}

pub(super) fn switch(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("is not true or false"),
    }
}

pub(super) fn address(text: &str) -> Result<IpAddr, &'static str> {
    if text == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.trim_matches(['[', ']'])
        .parse()
        .map_err(|_| "is not an IP address")
}

/// An address that people type: no query, no name or password, no slash at its end.
pub(super) fn web_address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("does not begin with http:// or https:// and a host");
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err("has more than a host, a port and a path");
    }
    Ok(url)
}

/// An origin as browsers send it: `https://help.example.org`, without a path.
pub(super) fn origin(text: &str) -> Result<String, &'static str> {
    match web_address(text) {
        Ok(url) if url.path() == "/" => Ok(url.origin().ascii_serialization()),
        Ok(_) => Err("is more than scheme, host and port"),
        Err(problem) => Err(problem),
    }
}

pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| origin(item).map_err(|problem| format!("has {item:?}, which {problem}")))
        .collect()
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let network = item
                .parse::<IpNet>()
                .or_else(|_| item.parse::<IpAddr>().map(IpNet::from));
            network
                .map(|network| network.trunc())
                .map_err(|_| format!("has {item:?}, which is no network"))
        })
        .collect()
}

/// A flag can be empty, if a shell's variable was; that would be the working directory.
pub(super) fn folder(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() {
        return Err("is not a folder");
    }
    Ok(text.into())
}

pub(super) fn file(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() {
        return Err("is not a file");
    }
    Ok(text.into())
}

pub(super) fn log_name(text: &str) -> Result<String, &'static str> {
    if audit::note::is_name(text) {
        Ok(text.to_owned())
    } else {
        Err("is not a name without spaces and plus signs")
    }
}

/// Places where signed heads go.
pub(super) fn places(text: &str) -> Result<Vec<Place>, &'static str> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(Place::parse).collect()
}

pub(super) fn filter(text: &str) -> Result<String, &'static str> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| "is not a log filter")
}

/// A database's URL or its key=value form. The error never quotes it.
pub(super) fn database(text: &str) -> Result<tokio_postgres::Config, String> {
    let config: tokio_postgres::Config = text.parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        format!(
            "is not a PostgreSQL URL: {}",
            cause.unwrap_or_else(|| error.to_string())
        )
    })?;
    if config.get_hosts().is_empty() {
        return Err("names no host".into());
    }
    if matches!(config.get_ssl_mode(), tokio_postgres::config::SslMode::Require) {
        return Err("asks for sslmode=require, but connections to the database are not encrypted".into());
    }
    Ok(config)
}

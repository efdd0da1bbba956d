//! The parts of an issuer that the operator gives, and what each may hold.

use std::fmt;

use crate::config::fields::IssuerConfig;

/// A part of a preset's issuer: a setting, its form, and its value when it is not set.
#[derive(Debug)]
pub(in crate::config) struct Part {
    pub(in crate::config) key: &'static str,
    pub(super) form: Form,
    pub(in crate::config) default: Option<&'static str>,
}

/// The form of a part.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A host, perhaps with a port.
    Host,
    /// A label of a host name (RFC 1123 §2.1).
    Label,
    /// A segment of a path, unreserved characters alone (RFC 3986 §2.3).
    Segment,
    /// A GUID.
    Guid,
    /// A region of AWS.
    Region,
    /// The id of a user pool of Cognito: a region, `_` and letters.
    Pool,
}

/// Why a part does not hold.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum Fault {
    UpperCase,
    Form(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::UpperCase => f.write_str("must be in lower case: `iss` is compared exactly"),
            Fault::Form(form) => write!(f, "must be {form}"),
        }
    }
}

impl Part {
    pub(super) const fn new(key: &'static str, form: Form) -> Part {
        Part {
            key,
            form,
            default: None,
        }
    }

    pub(super) const fn or(mut self, default: &'static str) -> Part {
        self.default = Some(default);
        self
    }

    /// Checks the value `text`, which must not change the rest of an issuer.
    pub(in crate::config) fn check(&self, text: &str) -> Result<(), Fault> {
        let (holds, form): (fn(&str) -> bool, _) = match self.form {
            Form::Host => (is_host, "a host name in ASCII, without a dot at the end"),
            Form::Label => (
                is_label,
                "one label of a host name: letters, digits and `-` within",
            ),
            Form::Segment => (
                is_segment,
                "one segment of a path: letters, digits, `-`, `_`, `~`, and `.` within",
            ),
            Form::Guid => (
                is_guid,
                "an id such as 72f988bf-86f1-41af-91ab-2d7cd011db47",
            ),
            Form::Region => (is_region, "a region such as eu-west-1"),
            Form::Pool => (is_pool, "the id of a user pool such as eu-west-1_AbCd12345"),
        };
        match self.form {
            _ if holds(text) => Ok(()),
            Form::Segment | Form::Pool => Err(Fault::Form(form)),
            _ if holds(&text.to_ascii_lowercase()) => Err(Fault::UpperCase),
            _ => Err(Fault::Form(form)),
        }
    }
}

/// `addresses::domain` checks the rest.
fn is_host(text: &str) -> bool {
    text.is_ascii() && !text.ends_with('.') && !has_upper_case(text)
}

fn has_upper_case(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_segment(text: &str) -> bool {
    let is_unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.');
    (1..=255).contains(&text.len())
        && text.bytes().all(is_unreserved)
        && !text.starts_with('.')
        && !text.ends_with('.')
}

fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| {
        let is_hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        group.bytes().all(is_hex).then_some(group.len())
    });
    groups.eq([8, 4, 4, 4, 12].map(Some))
}

fn is_region(text: &str) -> bool {
    let mut words = text.split('-');
    let number = words.next_back().unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    is_number && words.clone().count() >= 2 && words.all(is_word)
}

fn is_pool(text: &str) -> bool {
    text.split_once('_').is_some_and(|(region, id)| {
        is_region(region)
            && (1..=55).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The settings that are parts of an issuer, besides `domain`.
pub(in crate::config) const PARTS: [&str; 7] = [
    "tenant",
    "realm",
    "region",
    "pool",
    "project",
    "application",
    "authorization_server",
];

impl IssuerConfig {
    /// Returns the part `key` as it was set.
    pub(in crate::config) fn part(&self, key: &str) -> Option<&str> {
        let part = match key {
            "domain" => &self.domain,
            "tenant" => &self.tenant,
            "realm" => &self.realm,
            "region" => &self.region,
            "pool" => &self.pool,
            "project" => &self.project,
            "application" => &self.application,
            "authorization_server" => &self.authorization_server,
            _ => &None,
        };
        part.as_deref()
    }
}

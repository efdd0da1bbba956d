//! The reference JSON reader, from the grammar of RFC 8259.

use serde_json::Value;

use crate::json::Value as Read;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// The digits as written.
    Number(String),
    /// `None` if an escape is no character, such as half a surrogate pair.
    Text(Option<String>),
    List(Vec<Json>),
    Object(Vec<(Option<String>, Json)>),
}

/// The depth limit of this reader, which is recursive.
const TOO_DEEP: usize = 400;

/// The deepest nesting that serde_json reads.
const DEEPEST: usize = 127;

/// The prefix of names with a meaning to serde_json.
const PRIVATE: &str = "$serde_json::private::";

/// Reads `text`, one value; `Err(true)` if it is only nested too deep for this reader.
pub(super) fn read(text: &str) -> Result<Json, bool> {
    let mut reader = Reader {
        rest: text,
        depth: 0,
        too_deep: false,
    };
    match reader.whole() {
        Some(value) => Ok(value),
        None => Err(reader.too_deep),
    }
}

/// Reads what the strict reader of tokens accepts: one object with unique members, also within the
/// members named in `whole`; valid strings and finite numbers; no names private to serde_json;
/// nesting within the limit.
pub(super) fn strict_object(text: &str, whole: &[&str]) -> Option<Json> {
    let value = read(text).ok()?;
    let Json::Object(members) = &value else {
        return None;
    };
    if !value.can_be_held()
        || value.depth() > DEEPEST
        || !are_unique(members)
        || value.has_private_names()
    {
        return None;
    }
    whole
        .iter()
        .filter_map(|name| value.get(name))
        .all(Json::is_unique_within)
        .then_some(value)
}

pub(super) fn are_unique(members: &[(Option<String>, Json)]) -> bool {
    let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
    names.sort();
    names.windows(2).all(|pair| pair[0] != pair[1])
}

impl Json {
    /// Returns the member of that name, the last of several.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        let Json::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .rev()
            .find(|(other, _)| other.as_deref() == Some(name))
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Json::Text(text) = self {
            text.as_deref()
        } else {
            None
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        if let Json::Number(digits) = self {
            digits.parse().ok()
        } else {
            None
        }
    }

    /// Returns the words of a string, or the items of an array of strings.
    pub(super) fn names(&self) -> Vec<&str> {
        let names = match self {
            Json::Text(_) => self.text().map(|text| text.split(' ').collect::<Vec<_>>()),
            Json::List(items) => items.iter().map(Json::text).collect(),
            _ => None,
        };
        names
            .into_iter()
            .flatten()
            .filter(|name: &&str| !name.is_empty())
            .collect()
    }

    /// Returns true if `value` is equal.
    pub(super) fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(a), Value::Bool(b)) => a == b,
            (Json::Text(a), Value::String(b)) => a.as_ref() == Some(b),
            (Json::Number(digits), Value::Number(number)) => {
                match (digits.parse::<i128>(), number.as_i128()) {
                    (Ok(a), Some(b)) => a == b,
                    // Too long for an integer, or -0. serde_json rounds without `float_roundtrip`.
                    _ => {
                        let (Ok(a), Some(b)) = (digits.parse::<f64>(), number.as_f64()) else {
                            return false;
                        };
                        (a - b).abs() <= a.abs().max(1e-300) * 1e-15
                    }
                }
            }
            (Json::List(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b))
            }
            (Json::Object(members), Value::Object(map)) => {
                members
                    .iter()
                    .all(|(name, _)| name.as_ref().is_some_and(|name| map.contains_key(name)))
                    && map
                        .iter()
                        .all(|(name, b)| self.get(name).is_some_and(|a| a.is(b)))
            }
            _ => false,
        }
    }

    /// Returns true if the crate's reader read the same.
    pub(super) fn is_what(&self, read: Read<'_>) -> bool {
        match (self, read) {
            (Json::Null, Read::Null) => true,
            (Json::Bool(a), Read::Bool(b)) => *a == b,
            (Json::Number(a), Read::Number(b)) => a == b,
            (Json::Text(Some(a)), read @ Read::String(_)) => read.string().is_some_and(|b| *a == b),
            (Json::List(a), Read::Array(b)) => {
                a.len() == b.items().count() && a.iter().zip(b.items()).all(|(a, b)| a.is_what(b))
            }
            (Json::Object(members), Read::Object(b)) => members.iter().all(|(name, a)| {
                name.as_ref()
                    .and_then(|name| b.get(name))
                    .is_some_and(|read| a.is_what(read))
            }),
            _ => false,
        }
    }

    /// Returns true if all strings are valid and all numbers finite.
    fn can_be_held(&self) -> bool {
        match self {
            Json::Null | Json::Bool(_) => true,
            Json::Number(digits) => is_below_the_limit(digits),
            Json::Text(text) => text.is_some(),
            Json::List(items) => items.iter().all(Json::can_be_held),
            Json::Object(members) => members
                .iter()
                .all(|(name, value)| name.is_some() && value.can_be_held()),
        }
    }

    fn is_unique_within(&self) -> bool {
        match self {
            Json::List(items) => items.iter().all(Json::is_unique_within),
            Json::Object(members) => {
                are_unique(members) && members.iter().all(|(_, value)| value.is_unique_within())
            }
            _ => true,
        }
    }

    fn depth(&self) -> usize {
        match self {
            Json::List(items) => 1 + items.iter().map(Json::depth).max().unwrap_or_default(),
            Json::Object(members) => {
                1 + members
                    .iter()
                    .map(|(_, value)| value.depth())
                    .max()
                    .unwrap_or_default()
            }
            _ => 0,
        }
    }

    fn has_private_names(&self) -> bool {
        match self {
            Json::List(items) => items.iter().any(Json::has_private_names),
            Json::Object(members) => members.iter().any(|(name, value)| {
                name.as_ref().is_some_and(|name| name.starts_with(PRIVATE))
                    || value.has_private_names()
            }),
            _ => false,
        }
    }
}

/// Returns true if the number is below 10^308: its first digit that is not 0 is at most 308 digits
/// before the decimal point.
fn is_below_the_limit(number: &str) -> bool {
    let (digits, exponent) = number
        .trim_start_matches('-')
        .split_once(['e', 'E'])
        .unwrap_or((number, "0"));
    let point = digits
        .trim_start_matches('-')
        .find('.')
        .unwrap_or(digits.trim_start_matches('-').len());
    let digits = digits.trim_start_matches('-').replace('.', "");
    let Some(first) = digits.find(|digit| digit != '0') else {
        return true;
    };
    let negative = exponent.starts_with('-');
    let shift = match exponent
        .trim_start_matches(['+', '-'])
        .trim_start_matches('0')
    {
        "" => 0,
        shift if shift.len() > 12 => i128::MAX / 2,
        shift => shift.parse::<i128>().expect("digits"),
    };
    point as i128 - first as i128 + if negative { -shift } else { shift } <= 308
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    too_deep: bool,
}

impl Reader<'_> {
    fn whole(&mut self) -> Option<Json> {
        let value = self.value()?;
        self.skip_whitespace();
        self.rest.is_empty().then_some(value)
    }

    fn skip_whitespace(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn accept(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Json> {
        self.skip_whitespace();
        for (word, value) in [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
        ] {
            if self.accept(word) {
                return Some(value);
            }
        }
        if self.accept("\"") {
            return self.text().map(Json::Text);
        }
        if !self.rest.starts_with(['[', '{']) {
            return self.number();
        }
        if self.depth == TOO_DEEP {
            self.too_deep = true;
            return None;
        }
        self.depth += 1;
        let value = if self.accept("[") {
            self.list()
        } else {
            self.object()
        };
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Option<Json> {
        let mut items = Vec::new();
        self.skip_whitespace();
        if self.accept("]") {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_whitespace();
            if self.accept("]") {
                return Some(Json::List(items));
            }
            self.accept(",").then_some(())?;
        }
    }

    fn object(&mut self) -> Option<Json> {
        self.accept("{").then_some(())?;
        let mut members = Vec::new();
        self.skip_whitespace();
        if self.accept("}") {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_whitespace();
            self.accept("\"").then_some(())?;
            let name = self.text()?;
            self.skip_whitespace();
            self.accept(":").then_some(())?;
            members.push((name, self.value()?));
            self.skip_whitespace();
            if self.accept("}") {
                return Some(Json::Object(members));
            }
            self.accept(",").then_some(())?;
        }
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.rest;
        let digits = |reader: &mut Self| {
            let after = reader.rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let some = after.len() < reader.rest.len();
            reader.rest = after;
            some.then_some(())
        };
        self.accept("-");
        if !self.accept("0") {
            digits(self)?;
        }
        if self.accept(".") {
            digits(self)?;
        }
        if self.accept("e") || self.accept("E") {
            let _ = self.accept("+") || self.accept("-");
            digits(self)?;
        }
        Some(Json::Number(
            start[..start.len() - self.rest.len()].to_owned(),
        ))
    }

    /// Reads from after the opening quote to after the closing one. `Some(None)` is a syntactically
    /// correct string with an invalid escape.
    fn text(&mut self) -> Option<Option<String>> {
        let mut units = Vec::new();
        loop {
            let character = self.rest.chars().next()?;
            self.rest = &self.rest[character.len_utf8()..];
            match character {
                '"' => return Some(String::from_utf16(&units).ok()),
                '\0'..='\x1f' => return None,
                '\\' => units.push(self.escape()?),
                other => units.extend_from_slice(other.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        for (letter, meant) in [
            ("\"", '"'),
            ("\\", '\\'),
            ("/", '/'),
            ("b", '\x08'),
            ("f", '\x0c'),
            ("n", '\n'),
            ("r", '\r'),
            ("t", '\t'),
        ] {
            if self.accept(letter) {
                return Some(meant as u16);
            }
        }
        self.accept("u").then_some(())?;
        let digits = self
            .rest
            .get(..4)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        self.rest = &self.rest[4..];
        u16::from_str_radix(digits, 16).ok()
    }
}

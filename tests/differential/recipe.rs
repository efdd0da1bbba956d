//! A token as a recipe: a good one, and what is done to it before and after it is signed.

use axioms_rocket::testing::{Alg, TestIssuer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Seconds that are past, and to come, whenever this runs.
pub const PAST: u64 = 1_000_000_000;
pub const FUTURE: u64 = 4_000_000_000;

pub const AUDIENCE: &str = "api";
pub const ISSUER: &str = "https://issuer.example.test";

/// Those that all libraries know.
pub const ALGORITHMS: [Alg; 6] = [
    Alg::Es256,
    Alg::Es384,
    Alg::Rs256,
    Alg::Rs512,
    Alg::Ps256,
    Alg::EdDsa,
];

#[derive(Debug, Clone)]
pub struct Recipe {
    pub alg: Alg,
    pub before: Vec<Change>,
    pub after: Vec<Damage>,
}

/// Header or claims.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    Header,
    Claims,
}

/// A change to the JSON, as text.
#[derive(Debug, Clone)]
pub enum Change {
    /// Replaces the member of that name, or adds it.
    Member(Part, &'static str, &'static str),
    Drop(Part, Index),
    /// A second member of the same name, with this value, before or after the others.
    Twice(Part, Index, &'static str, bool),
    Swap(Part, Index, Index),
    /// Separates all tokens of the JSON.
    Blanks(Part, &'static str),
    /// Writes the first letter of the name as an escape.
    EscapedName(Part, Index),
    /// Writes all letters of a string as escapes.
    EscapedValue(Part, Index),
    /// Surrounds the JSON.
    Around(Part, &'static str, &'static str),
    KidOf(Alg),
    OtherSigner,
}

/// A change to the text after it was signed.
#[derive(Debug, Clone)]
pub enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, char),
    Padding(u8),
    /// Changes an unused bit of the last letter of a part.
    SpareBits(u8),
    SwapParts(u8, u8),
    /// Replaces a part by that of another good token.
    Foreign(u8),
    Repeat(u8),
    Around(&'static str, &'static str),
}

const HEADER: &[(&str, &[&str])] = &[
    (
        "alg",
        &[
            r#""EdDSA""#,
            r#""Ed25519""#,
            r#""ES256""#,
            r#""RS256""#,
            r#""PS256""#,
            r#""HS256""#,
            r#""none""#,
            r#""None""#,
            r#""es256""#,
            r#""""#,
            "null",
            "256",
            r#"["ES256"]"#,
        ],
    ),
    (
        "typ",
        &[
            r#""JWT""#,
            r#""at+jwt""#,
            r#""application/at+jwt""#,
            r#""logout+jwt""#,
            r#""dpop+jwt""#,
            r#""""#,
            "null",
            "7",
        ],
    ),
    (
        "kid",
        &[
            r#""unknown""#,
            r#""""#,
            "null",
            "7",
            r#"["k"]"#,
            r#""../../dev/null""#,
        ],
    ),
    (
        "crit",
        &[r#"["exp"]"#, "[]", "null", r#"["b64"]"#, r#"["x"]"#],
    ),
    ("b64", &["true", "false", "null"]),
    ("jwk", &[r#"{"kty":"oct","k":"AA"}"#, "{}", "7", "null"]),
    ("jku", &[r#""https://forger.example.test""#, "7", "null"]),
    ("x5c", &["[]", r#"["AA"]"#, "7", "null"]),
    ("x5u", &[r#""https://forger.example.test""#, "null"]),
    ("x5t", &[r#""AA""#, "7"]),
    ("x5t#S256", &[r#""AA""#, "null"]),
    ("cty", &[r#""JWT""#, r#""x""#, "7"]),
    ("zip", &[r#""DEF""#, "7"]),
    ("enc", &[r#""A128GCM""#, "7"]),
    ("nonce", &[r#""n""#, "7"]),
    ("url", &[r#""u""#, "7"]),
    (
        "x",
        &["1", "1e400", r#""\ud83d""#, r#"{"y":1,"y":2}"#, "[[[[]]]]"],
    ),
];

const TIMES: &[&str] = &[
    "4000000000",
    "4e9",
    "4000000000.0",
    "4000000000.5",
    "\"4000000000\"",
    "1000000000",
    "1e9",
    "1000000000.5",
    "1e10",
    "1.0",
    "0",
    "-1",
    "null",
    "true",
    "[4000000000]",
    "{}",
    "253402300799",
    "253402300800",
    "99999999999999999999",
    "1e400",
    "-0.0",
    "\"\"",
];

const CLAIMS: &[(&str, &[&str])] = &[
    ("exp", TIMES),
    ("nbf", TIMES),
    ("iat", TIMES),
    (
        "aud",
        &[
            r#""api""#,
            r#"["api"]"#,
            r#"["other","api"]"#,
            r#"["other"]"#,
            "[]",
            r#""other""#,
            r#"["api",1]"#,
            r#"["api",null]"#,
            "null",
            r#"{"api":1}"#,
            r#""API""#,
            r#""api ""#,
            r#""api other""#,
            "7",
            r#"[["api"]]"#,
            r#""\u0061pi""#,
            r#""""#,
            r#"["api","api"]"#,
        ],
    ),
    (
        "iss",
        &[
            r#""https://issuer.example.test""#,
            r#""https://issuer.example.test/""#,
            r#""https://ISSUER.example.test""#,
            r#""https:\/\/issuer.example.test""#,
            r#"["https://issuer.example.test"]"#,
            r#""https://other.test""#,
            "null",
            "7",
            r#""""#,
        ],
    ),
    (
        "sub",
        &[
            r#""alice""#,
            r#""""#,
            "7",
            "null",
            r#"["alice"]"#,
            r#""\ud83d\ude00""#,
        ],
    ),
    ("jti", &[r#""1""#, "7", "null"]),
    (
        "scope",
        &[r#""openid profile""#, r#"["openid"]"#, "7", "null"],
    ),
    (
        "cnf",
        &[
            r#"{"jkt":"x"}"#,
            r#"{"x5t#S256":"x"}"#,
            r#"{"kid":"x"}"#,
            r#"{"jwk":{}}"#,
            r#"{"other":1}"#,
            r#""x""#,
            "null",
        ],
    ),
    ("token_use", &[r#""access""#, r#""id""#, r#""ID""#, "7"]),
    (
        "typ",
        &[r#""Bearer""#, r#""ID""#, r#""Refresh""#, r#""Logout""#],
    ),
    ("at_hash", &[r#""x""#, "null"]),
    ("c_hash", &["null", r#""""#]),
    ("s_hash", &[r#""x""#, "7"]),
    ("events", &["{}", "[]"]),
    ("nonce", &[r#""n""#]),
    (
        "x",
        &[
            "1e400",
            "-0",
            r#""\ud83d""#,
            r#""\u0000""#,
            r#"{"y":1,"y":2}"#,
            "18446744073709551616",
            "0.1e-400",
            "[[[[[[]]]]]]",
            r#"{"$serde_json::private::RawValue":"1"}"#,
            "01",
            "NaN",
            "Infinity",
            "'x'",
            "1.",
            "tru",
        ],
    ),
    ("\u{e4}", &["1"]),
];

fn part() -> impl Strategy<Value = Part> {
    select(vec![Part::Header, Part::Claims])
}

fn member() -> impl Strategy<Value = Change> {
    let all = |part, table: &'static [(&'static str, &'static [&'static str])]| {
        let members = table
            .iter()
            .flat_map(move |(name, values)| values.iter().map(move |value| (part, *name, *value)));
        members.collect::<Vec<_>>()
    };
    let any = [all(Part::Header, HEADER), all(Part::Claims, CLAIMS)].concat();
    select(any).prop_map(|(part, name, value)| Change::Member(part, name, value))
}

const VALUES: [&str; 4] = ["null", "\"x\"", "\"none\"", "4000000000"];
const BLANKS: [&str; 6] = [" ", "\n", "\t\r\n  ", "\u{a0}", "\u{b}", "/**/"];
const AROUND_JSON: [(&str, &str); 7] = [
    ("\u{feff}", ""),
    (" ", "\n"),
    ("", "{}"),
    ("[", "]"),
    ("", "\0"),
    ("", ","),
    ("\"", "\""),
];
const AROUND_TOKEN: [(&str, &str); 8] = [
    ("", "."),
    (".", ""),
    (" ", ""),
    ("", "\n"),
    ("", "\u{e4}"),
    ("", "=="),
    ("Bearer ", ""),
    ("", "\0"),
];

fn change() -> impl Strategy<Value = Change> {
    let index = proptest::prelude::any::<Index>;
    prop_oneof![
        8 => member(),
        2 => (part(), index()).prop_map(|(part, at)| Change::Drop(part, at)),
        2 => (part(), index(), select(VALUES.to_vec()), proptest::bool::ANY)
            .prop_map(|(part, at, value, first)| Change::Twice(part, at, value, first)),
        1 => (part(), index(), index())
            .prop_map(|(part, one, other)| Change::Swap(part, one, other)),
        1 => (part(), select(BLANKS.to_vec()))
            .prop_map(|(part, blanks)| Change::Blanks(part, blanks)),
        1 => (part(), index()).prop_map(|(part, at)| Change::EscapedName(part, at)),
        1 => (part(), index()).prop_map(|(part, at)| Change::EscapedValue(part, at)),
        1 => (part(), select(AROUND_JSON.to_vec()))
            .prop_map(|(part, (before, after))| Change::Around(part, before, after)),
        1 => select(ALGORITHMS.to_vec()).prop_map(Change::KidOf),
        1 => Just(Change::OtherSigner),
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = proptest::prelude::any::<Index>;
    prop_oneof![
        4 => (index(), 0..7u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => index().prop_map(Damage::Cut),
        1 => (index(), select("A.=-_ \n+/~".chars().collect::<Vec<_>>()))
            .prop_map(|(at, letter)| Damage::Insert(at, letter)),
        2 => (0..3u8).prop_map(Damage::Padding),
        2 => (0..3u8).prop_map(Damage::SpareBits),
        1 => (0..3u8, 0..3u8).prop_map(|(one, other)| Damage::SwapParts(one, other)),
        2 => (0..3u8).prop_map(Damage::Foreign),
        1 => (0..3u8).prop_map(Damage::Repeat),
        1 => select(AROUND_TOKEN.to_vec())
            .prop_map(|(before, after)| Damage::Around(before, after)),
    ]
}

pub fn recipe() -> impl Strategy<Value = Recipe> {
    let before = prop::collection::vec(change(), 0..4);
    let after = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(damage(), 1..3)];
    (select(ALGORITHMS.to_vec()), before, after).prop_map(|(alg, before, after)| Recipe {
        alg,
        before,
        after,
    })
}

/// Members in their order, as they are written.
type Members = Vec<(String, String)>;

impl Recipe {
    pub fn token(&self, issuer: &TestIssuer, other: &TestIssuer) -> String {
        let (mut header, mut claims) = good(issuer, self.alg);
        let mut written = <[(String, String, String); 2]>::default();
        let mut signer = issuer;
        for change in &self.before {
            match change {
                Change::Member(part, name, value) => {
                    set(pick(*part, &mut header, &mut claims), name, value)
                }
                Change::Drop(part, at) => {
                    let members = pick(*part, &mut header, &mut claims);
                    if !members.is_empty() {
                        members.remove(at.index(members.len()));
                    }
                }
                Change::Twice(part, at, value, first) => {
                    let members = pick(*part, &mut header, &mut claims);
                    if let Some((name, _)) = any(members, at).cloned() {
                        let place = if *first { 0 } else { members.len() };
                        members.insert(place, (name, (*value).to_owned()));
                    }
                }
                Change::Swap(part, one, other) => {
                    let members = pick(*part, &mut header, &mut claims);
                    let many = members.len();
                    if many > 0 {
                        members.swap(one.index(many), other.index(many));
                    }
                }
                Change::Blanks(part, blanks) => written[*part as usize].0 = (*blanks).to_owned(),
                Change::EscapedName(part, at) => {
                    if let Some((name, _)) = any(pick(*part, &mut header, &mut claims), at) {
                        *name = escaped(name, 1);
                    }
                }
                Change::EscapedValue(part, at) => {
                    if let Some((_, value)) = any(pick(*part, &mut header, &mut claims), at)
                        && let Some(text) = value
                            .strip_prefix('"')
                            .and_then(|text| text.strip_suffix('"'))
                        && !text.contains('\\')
                    {
                        *value = format!("\"{}\"", escaped(text, usize::MAX));
                    }
                }
                Change::Around(part, before, after) => {
                    let (_, first, last) = &mut written[*part as usize];
                    (*first, *last) = ((*before).to_owned(), (*after).to_owned());
                }
                Change::KidOf(alg) => set(&mut header, "kid", &format!("\"{}\"", issuer.kid(*alg))),
                Change::OtherSigner => signer = other,
            }
        }
        let [header, claims] = [(header, &written[0]), (claims, &written[1])]
            .map(|(members, written)| text(&members, written));
        let mut token = signer.sign_raw(header, claims, self.alg);
        for damage in &self.after {
            token = damage.done_to(token, issuer);
        }
        token
    }
}

fn pick<'a>(part: Part, header: &'a mut Members, claims: &'a mut Members) -> &'a mut Members {
    match part {
        Part::Header => header,
        Part::Claims => claims,
    }
}

fn any<'a>(members: &'a mut Members, at: &Index) -> Option<&'a mut (String, String)> {
    let place = if members.is_empty() {
        0
    } else {
        at.index(members.len())
    };
    members.get_mut(place)
}

fn good(issuer: &TestIssuer, alg: Alg) -> (Members, Members) {
    let members = |pairs: &[(&str, String)]| {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    };
    let quoted = |text: &str| format!("\"{text}\"");
    let header = members(&[
        ("alg", quoted(alg.name())),
        ("kid", quoted(&issuer.kid(alg))),
        ("typ", quoted("at+jwt")),
    ]);
    let claims = members(&[
        ("iss", quoted(ISSUER)),
        ("aud", quoted(AUDIENCE)),
        ("sub", quoted("alice")),
        ("iat", PAST.to_string()),
        ("exp", FUTURE.to_string()),
        ("scope", quoted("openid profile")),
    ]);
    (header, claims)
}

fn set(members: &mut Members, name: &str, value: &str) {
    match members.iter_mut().find(|(other, _)| other == name) {
        Some((_, old)) => *old = value.to_owned(),
        None => members.push((name.to_owned(), value.to_owned())),
    }
}

fn escaped(text: &str, letters: usize) -> String {
    let escape = |(place, unit): (usize, u16)| match char::from_u32(unit.into()) {
        Some(letter) if place >= letters => letter.to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().enumerate().map(escape).collect()
}

fn text(members: &Members, (blanks, before, after): &(String, String, String)) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| format!("{blanks}\"{name}\"{blanks}:{blanks}{value}{blanks}"))
        .collect();
    format!("{before}{{{}}}{after}", members.join(","))
}

impl Damage {
    fn done_to(&self, token: String, issuer: &TestIssuer) -> String {
        let mut letters: Vec<char> = token.chars().collect();
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let place = |part: u8| usize::from(part) % parts.len();
        match self {
            Damage::Flip(at, bit) => {
                let at = at.index(letters.len().max(1));
                if let Some(letter) = letters.get_mut(at) {
                    *letter = char::from_u32(u32::from(*letter) ^ (1 << bit)).unwrap_or('?');
                }
                return letters.into_iter().collect();
            }
            Damage::Cut(at) => return letters[..at.index(letters.len() + 1)].iter().collect(),
            Damage::Insert(at, letter) => {
                letters.insert(at.index(letters.len() + 1), *letter);
                return letters.into_iter().collect();
            }
            Damage::Padding(part) => {
                let part = place(*part);
                let missing = parts[part].len().wrapping_neg() % 4;
                parts[part].push_str(&"=".repeat(missing.max(1)));
            }
            Damage::SpareBits(part) => {
                let part = place(*part);
                if let Some(last) = parts[part].pop() {
                    const ALPHABET: &str =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
                    let value = ALPHABET.find(last).unwrap_or_default();
                    parts[part].push(char::from(ALPHABET.as_bytes()[value ^ 1]));
                }
            }
            Damage::SwapParts(one, other) => {
                let (one, other) = (place(*one), place(*other));
                parts.swap(one, other);
            }
            Damage::Foreign(part) => {
                let part = place(*part);
                let (header, claims) = good(issuer, Alg::Es256);
                let plain = Default::default();
                let another =
                    issuer.sign_raw(text(&header, &plain), text(&claims, &plain), Alg::Es256);
                parts[part] = another.split('.').nth(part).unwrap_or_default().to_owned();
            }
            Damage::Repeat(part) => {
                let part = place(*part);
                parts.insert(part, parts[part].clone());
            }
            Damage::Around(before, after) => return format!("{before}{token}{after}"),
        }
        parts.join(".")
    }
}

/// The JSON of a token's first two parts, as far as there is any, for messages.
pub fn shown(token: &str) -> String {
    let decode = |part: &str| match URL_SAFE_NO_PAD.decode(part) {
        Ok(bytes) => bytes.escape_ascii().to_string(),
        Err(_) => format!("<{part}>"),
    };
    token
        .split('.')
        .take(2)
        .map(decode)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The `alg` that the header names, however it is spelt.
pub fn alg(token: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    header["alg"].as_str().map(str::to_owned)
}

//! The cases of JSONTestSuite as part of a header, of claims and of a key set.
//!
//! `y_` is JSON and must be read, `n_` is none and must not, and what an implementation does with
//! `i_` is its own affair: ours is in `FREE`.

use std::collections::BTreeMap;

use axioms_rocket::testing::Alg;
use axioms_rocket::{AxiomsFairing, Config, JwksPrefetch};
use serde_json::json;

use crate::support::*;

/// Cases that are not Unicode and cannot be in a JSON file; these bytes are written by hand.
const NOT_UNICODE: [(&str, &[u8]); 25] = [
    (
        "i_string_UTF-16LE_with_BOM",
        b"\xff\xfe[\0\"\0\xe9\0\"\0]\0",
    ),
    (
        "i_string_UTF-8_invalid_sequence",
        b"[\"\xe6\x97\xa5\xd1\x88\xfa\"]",
    ),
    ("i_string_UTF8_surrogate_U+D800", b"[\"\xed\xa0\x80\"]"),
    ("i_string_invalid_utf-8", b"[\"\xff\"]"),
    ("i_string_iso_latin_1", b"[\"\xe9\"]"),
    ("i_string_lone_utf8_continuation_byte", b"[\"\x81\"]"),
    ("i_string_not_in_unicode_range", b"[\"\xf4\xbf\xbf\xbf\"]"),
    ("i_string_overlong_sequence_2_bytes", b"[\"\xc0\xaf\"]"),
    (
        "i_string_overlong_sequence_6_bytes",
        b"[\"\xfc\x83\xbf\xbf\xbf\xbf\"]",
    ),
    (
        "i_string_overlong_sequence_6_bytes_null",
        b"[\"\xfc\x80\x80\x80\x80\x80\"]",
    ),
    ("i_string_truncated-utf-8", b"[\"\xe0\xff\"]"),
    ("i_string_utf16BE_no_BOM", b"\0[\0\"\0\xe9\0\"\0]"),
    ("i_string_utf16LE_no_BOM", b"[\0\"\0\xe9\0\"\0]\0"),
    ("n_array_a_invalid_utf8", b"[a\xe5]"),
    ("n_array_invalid_utf8", b"[\xff]"),
    ("n_number_invalid-utf-8-in-bigger-int", b"[123\xe5]"),
    ("n_number_invalid-utf-8-in-exponent", b"[1e1\xe5]"),
    ("n_number_invalid-utf-8-in-int", b"[0\xe5]\n"),
    ("n_number_real_with_invalid_utf8_after_e", b"[1e\xe5]"),
    (
        "n_object_lone_continuation_byte_in_key_and_trailing_comma",
        b"{\"\xb9\":\"0\",}",
    ),
    ("n_string_invalid-utf-8-in-escape", b"[\"\\u\xe5\"]"),
    ("n_string_invalid_utf8_after_escape", b"[\"\\\xe5\"]"),
    ("n_structure_incomplete_UTF8_BOM", b"\xef\xbb{}"),
    ("n_structure_lone-invalid-utf-8", b"\xe5"),
    ("n_structure_single_eacute", b"\xe9"),
];

/// Positions of a case.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// The value of a member of a good header; or all of the header.
    HeaderMember,
    Header,
    ClaimsMember,
    Claims,
    /// The value of a member beside `keys`; an element of `keys` beside a good key; or all of the
    /// key set.
    SetMember,
    SetElement,
    Set,
}

use Place::{Claims, ClaimsMember, Header, HeaderMember, Set, SetElement, SetMember};

/// Numbers that a double can hold, if not exactly.
const EVERYWHERE: &[Place] = &[HeaderMember, ClaimsMember, SetMember, SetElement];

/// Members of a key set beside its keys are ignored, and so is an element that cannot be a key:
/// numbers that no double holds, half surrogates, depth.
const SKIPPED: &[Place] = &[SetMember, SetElement];

/// Cases `i_`, and where they are read; elsewhere, and all that are not here, they are refused.
const FREE: &[(&str, &[Place])] = &[
    ("i_number_double_huge_neg_exp", EVERYWHERE),
    ("i_number_huge_exp", SKIPPED),
    ("i_number_neg_int_huge_exp", SKIPPED),
    ("i_number_pos_double_huge_exp", SKIPPED),
    ("i_number_real_neg_overflow", SKIPPED),
    ("i_number_real_pos_overflow", SKIPPED),
    ("i_number_real_underflow", EVERYWHERE),
    ("i_number_too_big_neg_int", EVERYWHERE),
    ("i_number_too_big_pos_int", EVERYWHERE),
    ("i_number_very_big_negative_int", EVERYWHERE),
    ("i_object_key_lone_2nd_surrogate", SKIPPED),
    ("i_string_1st_surrogate_but_2nd_missing", SKIPPED),
    ("i_string_1st_valid_surrogate_2nd_invalid", SKIPPED),
    ("i_string_incomplete_surrogate_and_escape_valid", SKIPPED),
    ("i_string_incomplete_surrogate_pair", SKIPPED),
    ("i_string_incomplete_surrogates_escape_valid", SKIPPED),
    ("i_string_invalid_lonely_surrogate", SKIPPED),
    ("i_string_invalid_surrogate", SKIPPED),
    ("i_string_inverted_surrogates_U+1D11E", SKIPPED),
    ("i_string_lone_second_surrogate", SKIPPED),
    ("i_structure_500_nested_arrays", SKIPPED),
];

/// Cases `y_` that are refused all the same.
const STRICTER: &[(&str, &[Place], &str)] = &[
    (
        "y_object_duplicated_key",
        &[Header, Claims],
        "a member twice",
    ),
    (
        "y_object_duplicated_key_and_value",
        &[Header, Claims],
        "a member twice",
    ),
];

fn cases() -> BTreeMap<String, Vec<u8>> {
    let texts: BTreeMap<String, String> =
        serde_json::from_str(include_str!("data/json.json")).unwrap();
    let bytes = NOT_UNICODE.map(|(name, bytes)| (name, bytes.to_vec()));
    // As text these two are larger than all others together.
    let long = [
        (
            "n_structure_100000_opening_arrays",
            "[".repeat(100_000).into_bytes(),
        ),
        (
            "n_structure_open_array_object",
            [r#"[{"":"#.repeat(50_000).as_bytes(), b"\n"].concat(),
        ),
    ];
    let all: BTreeMap<_, _> = texts
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .chain(
            bytes
                .into_iter()
                .chain(long)
                .map(|(name, bytes)| (name.to_owned(), bytes)),
        )
        .collect();
    let count = |start: &str| all.keys().filter(|name| name.starts_with(start)).count();
    assert_eq!(
        (all.len(), count("y_"), count("n_"), count("i_")),
        (318, 95, 188, 35)
    );
    let named = FREE
        .iter()
        .map(|(name, _)| name)
        .chain(STRICTER.iter().map(|(name, ..)| name));
    assert_eq!(
        named.filter(|name| !all.contains_key(**name)).count(),
        0,
        "a row without a case"
    );
    all
}

/// Returns whether a case is accepted at a position.
fn read(name: &str, place: Place) -> bool {
    match name.split_once('_') {
        Some(("y", _)) => !STRICTER
            .iter()
            .any(|(stricter, places, _)| *stricter == name && places.contains(&place)),
        Some(("i", _)) => FREE
            .iter()
            .any(|(free, places)| *free == name && places.contains(&place)),
        _ => false,
    }
}

fn is_object(case: &[u8]) -> bool {
    case.trim_ascii_start().starts_with(b"{")
}

/// An object with `case` as the value of its last member.
fn with_member(object: &str, name: &str, case: &[u8]) -> Vec<u8> {
    let open = object.strip_suffix('}').unwrap();
    [
        open.as_bytes(),
        format!(",\"{name}\":").as_bytes(),
        case,
        b"}",
    ]
    .concat()
}

#[test]
fn a_case_of_json_in_a_header_or_in_claims_is_read_as_it_must_be() {
    let control = Control::new();
    let issuer = control.issuer();
    // The bound on the length of tokens is no subject here.
    let config = Config {
        iss_url: Some(issuer.url().into()),
        max_token_bytes: 1 << 20,
        ..config()
    };
    let api = Api::start(AxiomsFairing::from_config(config).with_keys(issuer.jwks()));
    let header =
        json!({"alg": "ES256", "kid": issuer.kid(Alg::Es256), "typ": "at+jwt"}).to_string();
    let claims = claims("control").to_string();
    let answer =
        |header: &[u8], claims: &[u8]| api.answer(&issuer.sign_raw(header, claims, Alg::Es256));
    let mut ledger = Ledger::default();
    for (name, case) in cases() {
        assert_eq!(
            answer(header.as_bytes(), claims.as_bytes()),
            "200 alice",
            "before {name}"
        );
        let mut note = |place, good, found: String| {
            ledger.note(
                format_args!("{name} at {place:?}"),
                if read(&name, place) { good } else { MALFORMED },
                &found,
            );
        };
        let (no_alg, no_iss) = if is_object(&case) {
            (ALGORITHM, ISSUER)
        } else {
            (MALFORMED, MALFORMED)
        };
        note(
            HeaderMember,
            "200 alice",
            answer(&with_member(&header, "x", &case), claims.as_bytes()),
        );
        note(Header, no_alg, answer(&case, claims.as_bytes()));
        note(
            ClaimsMember,
            "200 alice with x",
            answer(header.as_bytes(), &with_member(&claims, "x", &case)),
        );
        note(Claims, no_iss, answer(header.as_bytes(), &case));
    }
    assert_eq!(answer(header.as_bytes(), claims.as_bytes()), "200 alice");
    ledger.close(4 * 318);
}

#[test]
fn a_case_of_json_in_a_key_set_is_read_as_it_must_be() {
    let control = Control::new();
    let good = json!({"keys": [control.jwk()]}).to_string();
    let cases = cases();
    let host = |number: usize, place: Place| format!("{place:?}-{number}").to_lowercase();
    let sets = cases.values().enumerate().flat_map(|(number, case)| {
        let element = [
            b"{\"keys\":[",
            control.jwk().to_string().as_bytes(),
            b",",
            case,
            b"]}",
        ]
        .concat();
        [
            (host(number, SetMember), with_member(&good, "x", case)),
            (host(number, SetElement), element),
            (host(number, Set), case.clone()),
        ]
    });
    let documents = Documents::serve(sets.collect());
    let hosts = (0..cases.len())
        .flat_map(|number| [SetMember, SetElement, Set].map(|place| host(number, place)));
    let api = Api::fetching(
        &documents,
        hosts,
        Config {
            jwks_prefetch: JwksPrefetch::Never,
            ..config()
        },
    );
    let mut ledger = Ledger::default();
    for (number, name) in cases.keys().enumerate() {
        for place in [SetMember, SetElement, Set] {
            // A whole key set that is one of the cases has no key.
            let expected = if place != Set && read(name, place) {
                "200 control"
            } else {
                NO_KEYS
            };
            let found = api.answer(&control.token(&host(number, place)));
            ledger.note(format_args!("{name} at {place:?}"), expected, &found);
        }
    }
    ledger.close(3 * 318);
}

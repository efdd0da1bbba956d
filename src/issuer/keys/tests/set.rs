//! Rows 3.3, 3.4, 3.8 and 3.10: the set, and the choice of a key.

use serde_json::{Value, json};

use crate::issuer::keys::error::KeySetError;
use crate::issuer::keys::{Choice, KeySet};
use crate::jose::signature::vectors::RSA_N;
use crate::jose::tests::jwk::*;
use crate::jose::{Algorithm, Algorithms, Header};
use crate::jose::{SkipReason, Skipped};
use crate::json::MembersError;

fn parse(body: &[u8]) -> Result<(KeySet, Vec<Skipped>), KeySetError> {
    KeySet::parse(body, Algorithms::ALL)
}

fn keys(keys: &[Value]) -> KeySet {
    parse(&set(keys)).unwrap().0
}

/// How many keys are chosen, or why none.
fn choice(set: &KeySet, kid: Option<&str>, algorithm: Algorithm) -> Result<usize, &'static str> {
    match set.choose(kid, algorithm) {
        Choice::Candidates(candidates) => {
            let candidates: Vec<_> = candidates.into_iter().collect();
            assert!(candidates.iter().all(|key| key.fits(algorithm)));
            assert!(kid.is_none() || candidates.iter().all(|key| key.kid() == kid));
            Ok(candidates.len())
        }
        Choice::WrongAlgorithm => Err("wrong algorithm"),
        Choice::Ambiguous => Err("ambiguous"),
        Choice::Unknown => Err("unknown"),
    }
}

#[test]
fn row_3_4_unusable_keys_are_skipped_and_the_others_work() {
    let body = json!({
        "keys": [
            named("pq", json!({"kty": "XYZ", "alg": "XYZ-44", "pub": "AAAA"})),
            named("good", p256()),
            named("enc", with(rsa(), json!({"use": "enc"}))),
            "no object",
            named("also good", rsa()),
        ],
        "further": "member",
    });
    let (set, skipped) = parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(set.len(), 2);
    assert_eq!(choice(&set, Some("good"), Algorithm::Es256), Ok(1));
    assert_eq!(choice(&set, Some("also good"), Algorithm::Ps512), Ok(1));
    assert_eq!(choice(&set, Some("enc"), Algorithm::Rs256), Err("unknown"));
    let lines: Vec<_> = skipped.iter().map(Skipped::to_string).collect();
    assert_eq!(
        lines,
        [
            "key 0 with `kid` \"pq\": unknown `kty` \"XYZ\"",
            "key 2 with `kid` \"enc\": `use` is \"enc\"",
            "key 3 without `kid`: malformed: \
             it is not an object (line 1, column 1)",
        ]
    );
}

#[test]
fn what_an_issuer_writes_is_printed_escaped_and_cut() {
    let evil = format!("\u{1b}[2J\n{}", "x".repeat(500));
    let (_, skipped) = parse(&set(&[p256(), named(&evil, json!({"kty": &evil}))])).unwrap();
    let shown = format!("\"\\u{{1b}}[2J\\n{}…\"", "x".repeat(75));
    assert_eq!(
        skipped[0].to_string(),
        format!("key 1 with `kid` {shown}: unknown `kty` {shown}")
    );
}

#[test]
fn a_document_that_is_no_key_set_is_an_error() {
    for text in [
        "",
        "<html>",
        "[]",
        "{\"keys\":[]} x",
        r#"{"keys":[],"keys":[]}"#,
        "\u{feff}\u{feff}{\"keys\":[]}",
    ] {
        let error = parse(text.as_bytes()).unwrap_err();
        assert!(
            matches!(
                error,
                KeySetError::Members(MembersError::NotAnObject { .. })
            ),
            "{text}: {error:?}"
        );
    }
    for text in [
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":null}"#,
        r#"{"keys":"a"}"#,
        r#"{"Keys":[]}"#,
    ] {
        assert_eq!(
            parse(text.as_bytes()).unwrap_err(),
            KeySetError::NoList,
            "{text}"
        );
    }
    assert!(matches!(
        parse(b"{\"keys\":[\"\xff\"]}"),
        Err(KeySetError::Members(_))
    ));
}

#[test]
fn a_byte_order_mark_before_a_set_is_skipped() {
    let body = [b"\xef\xbb\xbf", set(&[named("a", p256())]).as_slice()].concat();
    assert_eq!(parse(&body).unwrap().0, keys(&[named("a", p256())]));
}

#[test]
fn a_set_without_a_usable_key_is_an_error_that_says_why() {
    assert_eq!(parse(&set(&[])).unwrap_err().to_string(), "no usable key");
    let symmetric = json!({"kty": "oct", "k": "AAAA"});
    let error = parse(&set(std::slice::from_ref(&symmetric))).unwrap_err();
    let skipped = Skipped {
        index: 0,
        kid: None,
        reason: SkipReason::Symmetric,
    };
    assert_eq!(error, KeySetError::NoUsableKey(vec![skipped]));
    assert_eq!(
        error.to_string(),
        "no usable key: key 0 without `kid`: symmetric key"
    );
    let many = parse(&set(&vec![symmetric; 6])).unwrap_err().to_string();
    assert!(
        many.ends_with("key 3 without `kid`: symmetric key; and 2 more"),
        "{many}"
    );
}

#[test]
fn row_3_3_a_known_kid_with_another_algorithm_is_not_an_unknown_kid() {
    let set = keys(&[named("a", p256()), named("b", rsa())]);
    assert_eq!(choice(&set, Some("a"), Algorithm::Es256), Ok(1));
    assert_eq!(
        choice(&set, Some("a"), Algorithm::Rs256),
        Err("wrong algorithm")
    );
    assert_eq!(choice(&set, Some("c"), Algorithm::Es256), Err("unknown"));
    assert_eq!(choice(&set, Some(""), Algorithm::Es256), Err("unknown"));
    assert_eq!(choice(&set, Some("A"), Algorithm::Es256), Err("unknown"));
}

#[test]
fn row_3_8_without_kid_the_keys_that_fit_are_tried_at_most_four() {
    let mut published = vec![named("a", p256()), named("b", rsa()), ed25519()];
    let set = keys(&published);
    assert_eq!(choice(&set, None, Algorithm::Es256), Ok(1));
    assert_eq!(choice(&set, None, Algorithm::Ps256), Ok(1));
    assert_eq!(choice(&set, None, Algorithm::Es384), Err("unknown"));
    for count in 1..=4 {
        assert_eq!(choice(&keys(&published), None, Algorithm::EdDsa), Ok(count));
        published.push(named(&format!("{count}"), ed25519()));
    }
    let set = keys(&published);
    assert_eq!(choice(&set, None, Algorithm::EdDsa), Err("ambiguous"));
    assert_eq!(choice(&set, None, Algorithm::Es256), Ok(1));
}

#[test]
fn row_3_8_the_key_that_a_thumbprint_names_goes_first() {
    let set = keys(&[
        named("a", with(p256(), json!({"x5t": "A", "x5t#S256": "AA"}))),
        named("b", with(p256(), json!({"x5t": "B"}))),
        named("c", with(p256(), json!({"x5t#S256": "CC"}))),
        named("d", with(p256(), json!({"x5t": 7, "x5t#S256": null}))),
    ]);
    let order = |header: &str| {
        let header = Header::parse(header).unwrap();
        let Choice::Candidates(candidates) = set.choose(None, Algorithm::Es256) else {
            panic!("none")
        };
        let kids = candidates.thumbprint_first(&header).into_iter();
        kids.map(|key| key.kid().unwrap()).collect::<String>()
    };
    assert_eq!(order(r#"{"x5t":"B"}"#), "bacd");
    assert_eq!(order(r#"{"x5t#S256":"CC"}"#), "cabd");
    assert_eq!(order(r#"{"x5t":"A","x5t#S256":"CC"}"#), "abcd");
    // The other thumbprint, another text, other types.
    for header in [
        "{}",
        r#"{"x5t":"CC"}"#,
        r#"{"x5t":"b"}"#,
        r#"{"x5t":7}"#,
        r#"{"x5t#S256":null}"#,
    ] {
        assert_eq!(order(header), "abcd", "{header}");
    }
}

#[test]
fn a_union_has_each_key_once_whatever_the_order_of_the_sets() {
    let (a, b) = (
        keys(&[named("a", p256()), named("b", p384()), ed25519()]),
        keys(&[named("a", p256()), named("a", rsa()), p521()]),
    );
    let union = KeySet::union([&a, &b].into_iter());
    assert_eq!(union.len(), 5);
    assert_eq!(union, KeySet::union([&b, &a, &b].into_iter()));
    assert_eq!(choice(&union, Some("a"), Algorithm::Es256), Ok(1));
    assert_eq!(choice(&union, Some("a"), Algorithm::Rs256), Ok(1));
    assert_eq!(choice(&union, Some("b"), Algorithm::Es384), Ok(1));
    assert_eq!(choice(&union, None, Algorithm::EdDsa), Ok(1));
}

/// RSA keys that differ from each other.
fn numbered(kid: Option<&str>, numbers: std::ops::Range<u8>) -> KeySet {
    let key = |number: u8| {
        let (start, end) = (&RSA_N[..20], &RSA_N[21..]);
        let modulus = format!("{start}{}{end}", char::from(b'A' + number));
        with(
            rsa(),
            json!({"kid": kid, "n": modulus, "x5t": number.to_string()}),
        )
    };
    keys(&numbers.map(key).collect::<Vec<_>>())
}

#[test]
fn row_3_8_four_keys_of_each_set_of_a_union_are_tried_without_kid() {
    let union = |sets: &[KeySet]| choice(&KeySet::union(sets.iter()), None, Algorithm::Rs256);
    let nameless = |numbers| numbered(None, numbers);
    assert_eq!(union(&[nameless(0..3), nameless(3..6)]), Ok(6));
    assert_eq!(union(&[nameless(0..4), nameless(2..6)]), Ok(6));
    let most: Vec<_> = (0..5).map(|set| nameless(4 * set..4 * set + 4)).collect();
    assert_eq!(union(&most), Ok(20));
    // A set that alone is ambiguous takes nothing away from the others.
    assert_eq!(union(&[nameless(0..5), nameless(4..6)]), Ok(2));
    assert_eq!(union(&[nameless(4..6), nameless(0..5)]), Ok(2));
    assert_eq!(union(&[nameless(0..5), nameless(5..10)]), Err("ambiguous"));
    assert_eq!(union(&[nameless(0..5), keys(&[p256()])]), Err("ambiguous"));
}

#[test]
fn row_3_10_four_keys_of_each_set_of_a_union_are_tried_for_a_kid() {
    let tried = |sets: &[KeySet]| {
        let union = KeySet::union(sets.iter());
        let Choice::Candidates(candidates) = union.choose(Some("a"), Algorithm::Rs256) else {
            panic!("none")
        };
        let is_tried = |number: &u8| {
            let header = format!(r#"{{"x5t":"{number}"}}"#);
            let header = Header::parse(&header).unwrap();
            let mut keys = candidates.clone().into_iter();
            keys.any(|key| key.has_thumbprint_of(&header))
        };
        (0..20).filter(is_tried).collect::<Vec<_>>()
    };
    let same = |numbers| numbered(Some("a"), numbers);
    assert_eq!(tried(&[same(0..3), same(3..6)]), [0, 1, 2, 3, 4, 5]);
    assert_eq!(tried(&[same(0..6), same(6..9)]), [0, 1, 2, 3, 6, 7, 8]);
    assert_eq!(tried(&[same(6..9), same(0..6)]), [0, 1, 2, 3, 6, 7, 8]);
    let most: Vec<_> = (0..5).map(|set| same(4 * set..4 * set + 4)).collect();
    assert_eq!(tried(&most), (0..20).collect::<Vec<_>>());
}

#[test]
fn row_3_8_a_key_without_kid_serves_no_token_that_has_one() {
    let set = keys(&[p256()]);
    assert_eq!(choice(&set, Some(""), Algorithm::Es256), Err("unknown"));
    assert_eq!(choice(&set, None, Algorithm::Es256), Ok(1));
}

#[test]
fn row_3_10_of_several_keys_with_the_kid_at_most_four_are_tried() {
    let ps256 = with(rsa(), json!({"alg": "PS256"}));
    let mut published = vec![
        named("a", p256()),
        named("b", p256()),
        named("a", ps256),
        named("a", p384()),
    ];
    assert_eq!(
        choice(&keys(&published), Some("a"), Algorithm::Es256),
        Ok(1)
    );
    assert_eq!(
        choice(&keys(&published), Some("a"), Algorithm::Ps256),
        Ok(1)
    );
    assert_eq!(
        choice(&keys(&published), Some("a"), Algorithm::Rs256),
        Err("wrong algorithm")
    );
    for (count, chosen) in [(2, 2), (3, 3), (4, 4), (5, 4), (6, 4)] {
        published.push(named("a", p256()));
        assert_eq!(
            choice(&keys(&published), Some("a"), Algorithm::Es256),
            Ok(chosen),
            "{count}"
        );
    }
}

#[test]
fn row_3_10_candidates_come_in_the_order_of_publication() {
    let set = keys(&[
        named("a", with(rsa(), json!({"alg": "RS512"}))),
        named("0", p256()),
        named("a", with(rsa(), json!({"alg": "RS256"}))),
        named("a", rsa()),
    ]);
    let Choice::Candidates(candidates) = set.choose(Some("a"), Algorithm::Rs256) else {
        panic!("none")
    };
    let mut candidates = candidates.into_iter();
    assert_eq!(
        candidates.next().map(|key| key.fits(Algorithm::Ps256)),
        Some(false)
    );
    assert_eq!(
        candidates.next().map(|key| key.fits(Algorithm::Ps256)),
        Some(true)
    );
    assert!(candidates.next().is_none());
}

#[test]
fn sets_with_the_same_keys_are_equal_in_any_order_and_notation() {
    let ab = keys(&[named("a", p256()), named("b", rsa())]);
    let ba = parse(br#" {"x": 1, "keys": []} "#).map_or_else(
        |_| keys(&[named("b", rsa()), named("a", p256())]),
        |_| panic!(),
    );
    assert_eq!(ab, ba);
    assert_eq!(
        ab,
        keys(&[
            named("a", p256()),
            named("b", with(rsa(), json!({"use": "sig", "x5t": "a"})))
        ])
    );
    assert_ne!(ab, keys(&[named("a", p256())]));
    assert_ne!(ab, keys(&[named("a", p256()), named("c", rsa())]));
    assert_ne!(
        ab,
        keys(&[
            named("a", p256()),
            named("b", with(rsa(), json!({"alg": "RS256"})))
        ])
    );
    assert_ne!(ab, keys(&[named("a", p384()), named("b", rsa())]));
}

#[test]
fn the_kids_for_the_log_are_escaped_and_few() {
    assert_eq!(
        keys(&[named("b\n", p256()), named("a", p256()), rsa()]).kids(),
        "none, \"a\", \"b\\n\""
    );
    let many: Vec<_> = (0..100)
        .map(|number| named(&format!("{number:02}"), p256()))
        .collect();
    assert!(keys(&many).kids().ends_with("\"14\", \"15\", …"));
}

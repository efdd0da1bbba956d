//! Scopes, roles and permissions that are nearly what is asked for, or of a type that holds no
//! names (behaviour 3.17 to 3.19 and 6.1): the token is good, and opens nothing.

use axioms_rocket::ValidToken;
use rocket::serde::json::{Value, from_str, json};
use rocket::{get, routes};

use crate::harness::{DENIED, Target, run};
use crate::support::{ISSUER, config, full_token, offline, routes};

struct ClaimKind {
    /// For the names of the cases.
    word: &'static str,
    claim: &'static str,
    /// The required name.
    name: &'static str,
    path: &'static str,
    /// Of the challenge.
    scope: Option<&'static str>,
    /// The name that is consulted when the claim is not there.
    next: &'static str,
}

const KINDS: [ClaimKind; 3] = [
    ClaimKind {
        word: "scope",
        claim: "scope",
        name: "openid",
        path: "/scope",
        scope: Some("openid"),
        next: "scp",
    },
    ClaimKind {
        word: "role",
        claim: "roles",
        name: "editor",
        path: "/role",
        scope: None,
        next: "https://issuer.example.test/claims/roles",
    },
    ClaimKind {
        word: "permission",
        claim: "permissions",
        name: "sample:create",
        path: "/permission",
        scope: None,
        next: "https://issuer.example.test/claims/permissions",
    },
];

/// The value of the claim in place of the name.
const VALUES: [(&str, fn(&str) -> Value); 42] = [
    ("a number", |_| json!(7)),
    ("zero", |_| json!(0)),
    ("true", |_| json!(true)),
    ("null", |_| json!(null)),
    ("an object", |name| json!({ name: true })),
    (
        "an object with numbers for names",
        |name| json!({ "0": name }),
    ),
    ("an empty object", |_| json!({})),
    ("a list in a list", |name| json!([[name]])),
    ("a list with a number", |name| json!([name, 7])),
    ("a list with null", |name| json!([null, name])),
    ("a list with an object", |name| json!([name, {}])),
    ("a list of objects", |name| json!([{ "name": name }])),
    ("a list with true", |name| json!([true, name])),
    ("an empty text", |_| json!("")),
    ("blanks", |_| json!("   ")),
    ("an empty list", |_| json!([])),
    ("a list of nothing", |_| json!(["", " "])),
    ("in capitals", |name| json!(name.to_uppercase())),
    ("cut short", |name| json!(name[..name.len() - 1])),
    ("with more behind", |name| json!(format!("{name}s"))),
    ("with more in front", |name| json!(format!("x{name}"))),
    ("twice without a blank", |name| json!(name.repeat(2))),
    ("behind a non-breaking space", |name| {
        json!(format!("x\u{a0}{name}"))
    }),
    ("between non-breaking spaces", |name| {
        json!(format!("x\u{a0}{name}\u{a0}y"))
    }),
    ("behind a tab", |name| json!(format!("x\t{name}"))),
    ("behind a line break", |name| json!(format!("x\n{name}"))),
    ("behind a vertical tab", |name| {
        json!(format!("x\u{b}{name}"))
    }),
    ("behind an em space", |name| {
        json!(format!("x\u{2003}{name}"))
    }),
    ("behind an ideographic space", |name| {
        json!(format!("x\u{3000}{name}"))
    }),
    ("behind a line separator", |name| {
        json!(format!("x\u{2028}{name}"))
    }),
    ("behind a comma", |name| json!(format!("x,{name}"))),
    ("behind a plus", |name| json!(format!("x+{name}"))),
    ("with a zero-width space", |name| {
        json!(format!("{name}\u{200b}"))
    }),
    ("with a byte order mark", |name| {
        json!(format!("\u{feff}{name}"))
    }),
    ("with a null", |name| json!(format!("{name}\0"))),
    ("with a letter that looks alike", |name| {
        json!(name.replacen('e', "\u{435}", 1))
    }),
    ("in full width", |name| {
        json!(
            name.chars()
                .filter_map(|c| char::from_u32(u32::from(c) + 0xfee0))
                .collect::<String>()
        )
    }),
    ("percent-encoded", |name| {
        json!(
            name.bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect::<String>()
        )
    }),
    ("in quotes", |name| json!(format!("\"{name}\""))),
    ("a list as a text", |name| json!(json!([name]).to_string())),
    ("a pattern", |_| json!(["*", ".*", "**", "%"])),
    ("two in one item of a list", |name| {
        json!([format!("x {name}"), format!(" {name}")])
    }),
];

/// Other locations of the name than the claim.
const PLACES: [(&str, fn(&ClaimKind, &mut Value)); 8] = [
    ("first name empty, second full", |kind, claims| {
        claims[kind.claim] = json!("");
        claims[kind.next] = json!([kind.name]);
    }),
    ("first name an empty list, second full", |kind, claims| {
        claims[kind.claim] = json!([]);
        claims[kind.next] = json!(kind.name);
    }),
    ("first name of a wrong type, second full", |kind, claims| {
        claims[kind.claim] = json!({});
        claims[kind.next] = json!([kind.name]);
    }),
    ("the claim in capitals", |kind, claims| {
        claims[kind.claim.to_uppercase()] = json!([kind.name])
    }),
    ("the claim with a blank", |kind, claims| {
        claims[format!("{} ", kind.claim)] = json!([kind.name])
    }),
    ("within another claim", |kind, claims| {
        claims["claims"] = json!({ kind.claim: [kind.name] })
    }),
    ("in the claims of other kinds", |kind, claims| {
        for other in KINDS.iter().filter(|other| other.claim != kind.claim) {
            claims[other.claim] = json!([kind.name]);
        }
    }),
    ("under the namespace of another issuer", |kind, claims| {
        claims[format!("https://another-issuer.example.test/claims/{}", kind.claim)] =
            json!([kind.name]);
        claims[format!("{ISSUER}.evil.test/claims/{}", kind.claim)] = json!([kind.name]);
    }),
];

/// The names that a handler reads in the token.
#[get("/held")]
fn held(token: ValidToken) -> String {
    let has = KINDS.map(|ClaimKind { name, .. }| {
        [
            token.has_scope(name),
            token.has_role(name),
            token.has_permission(name),
        ]
    });
    let lists = [
        Vec::from_iter(token.scopes()),
        token.roles().collect(),
        token.permissions().collect(),
    ];
    json!({ "has": has, "lists": lists }).to_string()
}

pub fn names() -> Vec<String> {
    let case = |kind: &ClaimKind, what: &str| format!("{}: {what}", kind.word);
    let all = KINDS.iter().flat_map(|kind| {
        let values = VALUES.iter().map(move |(what, _)| case(kind, what));
        values.chain(PLACES.iter().map(move |(what, _)| case(kind, what)))
    });
    all.collect()
}

#[test]
fn a_claim_that_does_not_hold_the_name_opens_nothing() {
    run(async |run| {
        let issuer = offline();
        let target =
            Target::with(&issuer, config(&issuer), [routes(), routes![held]].concat()).await;
        for (at, kind) in KINDS.iter().enumerate() {
            let spoil = |what: &str, claims: Value| (format!("{}: {what}", kind.word), claims);
            let values = VALUES
                .iter()
                .map(|(what, value)| spoil(what, json!({ kind.claim: value(kind.name) })));
            let places = PLACES.iter().map(|(what, place)| {
                let mut claims = json!({});
                place(kind, &mut claims);
                spoil(what, claims)
            });
            for (case, claims) in values.chain(places) {
                let good = full_token(&issuer).sign();
                let mut token = issuer.token().subject("alice");
                for (claim, value) in claims.as_object().expect("claims") {
                    token = token.claim(claim, value.clone());
                }
                let poor = token.sign();
                run.refuses(
                    &target,
                    &case,
                    kind.path,
                    [&good, &poor],
                    (DENIED, kind.scope),
                )
                .await;
                // The token is good; a handler finds no more in it either.
                let reply = run.get(&target, "/held", &poor).await;
                reply.passes(&case);
                let held: Value = from_str(&reply.body).expect("JSON");
                assert_eq!(held["has"][at][at], json!(false), "{case}: {held}");
                let list = held["lists"][at].as_array().expect("a list");
                assert!(!list.contains(&json!(kind.name)), "{case}: {held}");
            }
        }
    });
}

//! Formulas, groups, issuers and owners (behaviour, chapter 6): good tokens that do not satisfy
//! a route.

use std::borrow::Cow;

use axioms_rocket::testing::{TestIssuer, TokenBuilder};
use axioms_rocket::{
    All, Always, Any, AuthError, Authenticated, AxiomsFairing, Config, Decision, HasOwner,
    IssuedBy, IssuerConfig, Lacks, Optional, Owned, Permissions, Policy, Require, Requirement,
    Roles, Scopes, ValidToken, issuers, protect, roles,
};
use rocket::request::{FromRequest, Outcome};
use rocket::serde::json::json;
use rocket::{Request, Route, get, routes};

use crate::harness::{DENIED, NOT_OWNER, Target, Verdict, run};
use crate::support::{AUDIENCE, Create, Editor, Profile, Read, config, full_token, rocket};

roles! { pub Suspended = "suspended"; }
issuers! {
    Home = "home";
    Abroad = "abroad";
}

type Nested = Any<(Scopes<Read>, All<(Roles<Editor>, Permissions<Create>)>)>;

struct Verified;

impl Policy for Verified {
    fn decide(token: &ValidToken) -> Decision {
        match token
            .claims()
            .get("email_verified")
            .and_then(|value| value.as_bool())
        {
            Some(true) => Decision::Allow,
            _ => Decision::Deny,
        }
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a verified address")
    }
}

/// The issuer whose subjects own what there is.
#[derive(Clone)]
struct OwnersIssuer(String);

struct Note(OwnersIssuer);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Note {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Note(
            request.rocket().state::<OwnersIssuer>().unwrap().clone(),
        ))
    }
}

impl HasOwner for Note {
    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("alice".into())
    }

    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        Some(Cow::from(&self.0.0))
    }
}

struct Mail(OwnersIssuer);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Mail {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Mail(
            request.rocket().state::<OwnersIssuer>().unwrap().clone(),
        ))
    }
}

impl HasOwner for Mail {
    const CLAIM: &'static str = "account.id";

    fn owner(&self) -> Option<Cow<'_, str>> {
        Some("42".into())
    }

    fn owner_issuer(&self) -> Option<Cow<'_, str>> {
        Some(Cow::from(&self.0.0))
    }
}

#[get("/nested")]
fn nested(_may: Nested) {}

#[get("/all")]
fn all(_may: All<(Scopes<Profile>, Roles<Editor>)>) {}

#[get("/both")]
fn both(_scope: Scopes<Profile>, _role: Roles<Editor>) {}

#[get("/lacks")]
fn lacks(_may: Lacks<Roles<Suspended>>) {}

#[get("/custom")]
fn custom(_may: Require<Verified>) {}

#[get("/always")]
fn always(_may: Always<Roles<Editor>>) {}

#[get("/optional")]
fn optional(_may: Optional<Roles<Editor>>) {}

#[get("/group")]
fn group() {}

#[get("/home")]
fn home(_may: IssuedBy<Home, Authenticated>) {}

#[get("/abroad")]
fn abroad(_may: IssuedBy<Abroad, Roles<Editor>>) {}

#[get("/note")]
fn note(_note: Owned<Note>) {}

#[get("/by-hand")]
fn by_hand(token: ValidToken, note: Note) -> Result<(), AuthError> {
    token.owns(&note)
}

#[get("/mail")]
fn mail(_mail: Owned<Mail>) {}

fn all_routes() -> Vec<Route> {
    let plain = routes![
        nested, all, both, lacks, custom, always, optional, home, abroad, note, by_hand, mail
    ];
    [plain, protect::<Roles<Editor>>(routes![group])].concat()
}

type Change = for<'a> fn(TokenBuilder<'a>) -> TokenBuilder<'a>;

/// Name, path, verdict, the challenge's scope, and the fault.
const CASES: [(&str, &str, Verdict, Option<&str>, Change); 37] = [
    (
        "nested formula: half of its second part",
        "/nested",
        DENIED,
        Some("read:resource"),
        |token| token.permissions([""; 0]),
    ),
    (
        "nested formula: the other half",
        "/nested",
        DENIED,
        Some("read:resource"),
        |token| token.roles([""; 0]),
    ),
    (
        "nested formula: the names of one kind in another",
        "/nested",
        DENIED,
        Some("read:resource"),
        |token| token.roles(["read:resource"]).permissions(["editor"]),
    ),
    (
        "all: without its scope",
        "/all",
        DENIED,
        Some("openid"),
        |token| token.scope(""),
    ),
    (
        "all: without its role",
        "/all",
        DENIED,
        Some("openid"),
        |token| token.roles(["viewer"]),
    ),
    (
        "two guards: without the first",
        "/both",
        DENIED,
        Some("openid"),
        |token| token.without("scope"),
    ),
    (
        "two guards: without the second",
        "/both",
        DENIED,
        Some("openid"),
        |token| token.without("roles"),
    ),
    ("lacks: present", "/lacks", DENIED, None, |token| {
        token.roles(["editor", "suspended"])
    }),
    ("lacks: alone", "/lacks", DENIED, None, |token| {
        token.claim("roles", "suspended")
    }),
    (
        "lacks: behind a comma in one string",
        "/lacks",
        DENIED,
        None,
        |token| token.claim("roles", "editor,suspended"),
    ),
    ("lacks: claim absent", "/lacks", DENIED, None, |token| {
        token.without("roles")
    }),
    ("lacks: claim null", "/lacks", DENIED, None, |token| {
        token.claim("roles", json!(null))
    }),
    ("lacks: claim a number", "/lacks", DENIED, None, |token| {
        token.claim("roles", 7)
    }),
    ("lacks: claim an object", "/lacks", DENIED, None, |token| {
        token.claim("roles", json!({}))
    }),
    (
        "lacks: claim a list in a list",
        "/lacks",
        DENIED,
        None,
        |token| token.claim("roles", json!([["suspended"]])),
    ),
    (
        "lacks: claim a list with a number",
        "/lacks",
        DENIED,
        None,
        |token| token.claim("roles", json!(["editor", 7])),
    ),
    (
        "custom policy: claim absent",
        "/custom",
        DENIED,
        None,
        |token| token.without("email_verified"),
    ),
    (
        "custom policy: claim false",
        "/custom",
        DENIED,
        None,
        |token| token.claim("email_verified", false),
    ),
    (
        "custom policy: claim a text",
        "/custom",
        DENIED,
        None,
        |token| token.claim("email_verified", "true"),
    ),
    (
        "always: without the role",
        "/always",
        DENIED,
        None,
        |token| token.without("roles"),
    ),
    (
        "optional: without the role",
        "/optional",
        DENIED,
        None,
        |token| token.without("roles"),
    ),
    ("group: without the role", "/group", DENIED, None, |token| {
        token.without("roles")
    }),
    (
        "group: a role of an application within",
        "/group",
        DENIED,
        None,
        |token| {
            token
                .without("roles")
                .claim("resource_access", json!({ "api": { "roles": ["editor"] } }))
        },
    ),
    ("owner: someone else", "/note", NOT_OWNER, None, |token| {
        token.subject("bob")
    }),
    ("owner: in capitals", "/note", NOT_OWNER, None, |token| {
        token.subject("ALICE")
    }),
    ("owner: with a blank", "/note", NOT_OWNER, None, |token| {
        token.subject("alice ")
    }),
    ("owner: with a null", "/note", NOT_OWNER, None, |token| {
        token.subject("alice\0")
    }),
    (
        "owner: with a letter that looks alike",
        "/note",
        NOT_OWNER,
        None,
        |token| token.subject("\u{430}lice"),
    ),
    ("owner: no subject", "/note", NOT_OWNER, None, |token| {
        token.without("sub")
    }),
    (
        "owner: an empty subject",
        "/note",
        NOT_OWNER,
        None,
        |token| token.subject(""),
    ),
    ("owner: another claim", "/note", NOT_OWNER, None, |token| {
        token.subject("bob").claim("username", "alice")
    }),
    (
        "owner by hand: someone else",
        "/by-hand",
        NOT_OWNER,
        None,
        |token| token.subject("bob"),
    ),
    (
        "owner by number: another",
        "/mail",
        NOT_OWNER,
        None,
        |token| token.claim("account", json!({ "id": 43 })),
    ),
    (
        "owner by number: a fraction",
        "/mail",
        NOT_OWNER,
        None,
        |token| token.claim("account", json!({ "id": 42.0 })),
    ),
    (
        "owner by number: a list",
        "/mail",
        NOT_OWNER,
        None,
        |token| token.claim("account", json!({ "id": [42] })),
    ),
    ("owner by number: true", "/mail", NOT_OWNER, None, |token| {
        token.claim("account", json!({ "id": true }))
    }),
    (
        "owner by number: a text with a zero",
        "/mail",
        NOT_OWNER,
        None,
        |token| token.claim("account", json!({ "id": "042" })),
    ),
];

/// Cases for a token of the second issuer.
const FOREIGN: [(&str, &str, Verdict, Change); 5] = [
    (
        "issuer: the second one's token for the first",
        "/home",
        DENIED,
        |token| token,
    ),
    (
        "issuer: the second one's token that claims the first's name",
        "/home",
        DENIED,
        |token| token.claim("issuer_name", "home"),
    ),
    (
        "issuer: the second one's token without the role",
        "/abroad",
        DENIED,
        |token| token.without("roles"),
    ),
    (
        "issuer: the second one's subject of that name",
        "/note",
        NOT_OWNER,
        |token| token.subject("alice"),
    ),
    (
        "issuer: the second one's subject, by hand",
        "/by-hand",
        NOT_OWNER,
        |token| token.subject("alice"),
    ),
];

const LOCAL: (&str, &str) = ("issuer: the first one's token for the second", "/abroad");

pub fn names() -> Vec<String> {
    let own = CASES.iter().map(|(name, ..)| *name);
    own.chain(FOREIGN.iter().map(|(name, ..)| *name))
        .chain([LOCAL.0])
        .map(str::to_owned)
        .collect()
}

fn good(issuer: &TestIssuer) -> TokenBuilder<'_> {
    full_token(issuer)
        .claim("email_verified", true)
        .claim("account", json!({ "id": 42 }))
}

#[test]
fn a_good_token_opens_what_it_holds_the_rights_to_and_nothing_else() {
    run(async |run| {
        let issuer = TestIssuer::builder().audience(AUDIENCE).start();
        let other = TestIssuer::builder().audience(AUDIENCE).start();
        let named = |name: &str, issuer: &TestIssuer| IssuerConfig {
            name: Some(name.into()),
            iss_url: Some(issuer.url().into()),
            ..IssuerConfig::default()
        };
        let issuers = vec![named("home", &issuer), named("abroad", &other)];
        let config = Config {
            issuers,
            iss_url: None,
            ..config(&issuer)
        };
        let fairing = AxiomsFairing::from_config(config);
        let rocket = rocket(fairing)
            .manage(OwnersIssuer(issuer.url().to_owned()))
            .mount("/", all_routes());
        let target = Target::launch(rocket, issuer.url()).await;

        for (case, path, verdict, scope, change) in CASES {
            let tokens = [good(&issuer).sign(), change(good(&issuer)).sign()];
            run.refuses(
                &target,
                case,
                path,
                [&tokens[0], &tokens[1]],
                (verdict, scope),
            )
            .await;
        }
        for (case, path, verdict, change) in FOREIGN {
            let control = if path == "/abroad" {
                good(&other)
            } else {
                good(&issuer)
            };
            let tokens = [control.sign(), change(good(&other)).sign()];
            run.refuses(
                &target,
                case,
                path,
                [&tokens[0], &tokens[1]],
                (verdict, None),
            )
            .await;
        }
        let tokens = [good(&other).sign(), good(&issuer).sign()];
        run.refuses(
            &target,
            LOCAL.0,
            LOCAL.1,
            [&tokens[0], &tokens[1]],
            (DENIED, None),
        )
        .await;
    });
}

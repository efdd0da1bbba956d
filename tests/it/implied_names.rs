//! Row 20.8 of docs/behaviour.md: names that imply others, over HTTP; and the answers of a
//! requirement as a value.

use axioms_rocket::testing::token_with;
use axioms_rocket::{
    All, Always, Any, Authenticated, Claim, ClaimKind, Decision, IssuedBy, Lacks, Optional,
    PermissionList, Permissions, Policy, Requirement, RoleList, Roles, ScopeList, Scopes, Unless,
    ValidToken, claims, issuers, methods, permissions, protect, roles, scopes,
};
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof};
use proptest::test_runner::{Config as Runs, TestRunner};
use rocket::http::Method;
use rocket::serde::json::{Value, json};
use rocket::{get, routes};

use crate::authorization::guarded;
use crate::support::{ISSUER, offline};

scopes! {
    /// With a doc comment.
    pub Read = "files:read" implied by "files:write" | "files:*";
    pub(crate) ReadOrList = "files:read" | "files:list" implied by "files:*";
    Plain = "plain";
}
roles! { Reader = "reader" implied by "chief editor"; }
permissions! { See = "sample:read" implied by "sample:*"; }
claims! { Level = "level": "high" | 3 | true; Present = "level"; }
issuers! { Home = "home"; }
methods! { Gets = Get; }

#[get("/read")]
fn read(_scope: Scopes<Read>) -> &'static str {
    "read"
}

#[get("/list")]
fn list(_scope: Scopes<ReadOrList>) -> &'static str {
    "list"
}

#[get("/reader")]
fn reader(_role: Roles<Reader>) -> &'static str {
    "reader"
}

#[get("/see")]
fn see(_may: Permissions<See>) -> &'static str {
    "see"
}

#[get("/formula")]
fn formula(_may: Any<(All<(Scopes<Read>, Roles<Reader>)>, Scopes<Plain>)>) -> &'static str {
    "formula"
}

#[get("/lacks/scope")]
fn lacks_scope(_may: Lacks<Scopes<Read>>) -> &'static str {
    "lacks"
}

#[get("/lacks/role")]
fn lacks_role(_may: Lacks<Roles<Reader>>) -> &'static str {
    "lacks"
}

#[test]
fn row_20_8_each_implying_name_passes_as_the_name_itself() {
    let issuer = offline();
    let app = guarded(&issuer, routes![read, list, reader, see, formula]);
    for (path, scope, passes) in [
        ("/read", "files:read", true),
        ("/read", "other files:write", true),
        ("/read", "files:*", true),
        ("/read", "files:list", false),
        ("/read", "files", false),
        ("/read", "FILES:WRITE", false),
        ("/list", "files:read", true),
        ("/list", "files:list", true),
        ("/list", "files:*", true),
        ("/list", "files:write", false),
        ("/formula", "files:write", false),
        ("/formula", "plain", true),
    ] {
        let answer = app.get(path, &issuer.token().scope(scope).sign());
        if passes {
            answer.passes(&path[1..]);
        } else {
            answer.insufficient();
        }
    }
    for (roles, passes) in [
        (&["reader"][..], true),
        (&["guest", "chief editor"], true),
        (&["chief"], false),
        (&[], false),
    ] {
        let answer = app.get("/reader", &issuer.token().roles(roles.to_vec()).sign());
        if passes {
            answer.passes("reader");
        } else {
            answer.insufficient();
        }
    }
    for (permission, passes) in [("sample:read", true), ("sample:*", true), ("sample", false)] {
        let answer = app.get("/see", &issuer.token().permissions([permission]).sign());
        if passes {
            answer.passes("see");
        } else {
            answer.insufficient();
        }
    }
    let both = issuer.token().scope("files:*").roles(["chief editor"]);
    app.get("/formula", &both.sign()).passes("formula");
    // A name of one kind is not one of another.
    let elsewhere = issuer.token().scope("sample:*").roles(["files:*"]);
    for path in ["/read", "/reader", "/see"] {
        app.get(path, &elsewhere.sign()).insufficient();
    }
}

#[test]
fn row_20_8_an_implying_name_is_never_asked_for() {
    let issuer = offline();
    let app = guarded(&issuer, routes![read, list, reader, see]);
    let little = issuer.token().scope("other").sign();
    for (path, scope) in [
        ("/read", Some("files:read")),
        ("/list", Some("files:read")),
        ("/reader", None),
        ("/see", None),
    ] {
        let expected = scope.map_or(String::new(), |scope| format!(", scope=\"{scope}\""));
        let challenge = format!("Bearer realm=\"{ISSUER}\"");
        assert_eq!(
            app.anonymous(path).challenge,
            Some(format!("{challenge}{expected}")),
            "{path}"
        );
        let words = "error=\"insufficient_scope\", \
                     error_description=\"Insufficient role, scope or permission\"";
        assert_eq!(
            app.get(path, &little).challenge,
            Some(format!("{challenge}, {words}{expected}")),
            "{path}"
        );
    }
}

#[test]
fn row_20_8_lacks_must_lack_the_implying_names_too() {
    let issuer = offline();
    let app = guarded(&issuer, routes![lacks_scope, lacks_role]);
    for (scope, passes) in [
        ("files:list", true),
        ("files:read", false),
        ("other files:write", false),
        ("files:*", false),
        // A string that contains a name anywhere does not lack it.
        ("x-files:write-x", false),
    ] {
        let answer = app.get("/lacks/scope", &issuer.token().scope(scope).sign());
        if passes {
            answer.passes("lacks");
        } else {
            answer.insufficient();
        }
    }
    app.get("/lacks/scope", &issuer.token().without("scope").sign())
        .insufficient();
    for (roles, passes) in [
        (json!(["guest"]), true),
        (json!([]), true),
        (json!(["reader"]), false),
        (json!(["guest", "chief editor"]), false),
        (json!(["guest,chief editor"]), false),
        (json!("the chief editor"), false),
        (json!(7), false),
    ] {
        let token = issuer.token().claim("roles", roles.clone()).sign();
        let answer = app.get("/lacks/role", &token);
        assert_eq!(answer.status, if passes { 200 } else { 403 }, "{roles}");
    }
}

#[test]
fn row_20_8_the_requirement_holds_both_lists_and_tells_them_in_words() {
    let requirement = Scopes::<ReadOrList>::requirement();
    assert_eq!(
        requirement,
        Requirement::Implied {
            kind: ClaimKind::Scope,
            names: &["files:read", "files:list"],
            implied_by: &["files:*"],
        }
    );
    assert_eq!(requirement.scopes(), ["files:read"]);
    assert_eq!(
        requirement.to_string(),
        "scope files:read or scope files:list, implied by files:*"
    );
    assert_eq!(
        <Lacks<Roles<Reader>>>::requirement().to_string(),
        "not (role reader, implied by chief editor)"
    );
    assert_eq!(Roles::<Reader>::requirement().scopes(), [""; 0]);
    // Without implying names the value is what it was.
    assert_eq!(
        Scopes::<Plain>::requirement(),
        Requirement::AnyOf(ClaimKind::Scope, &["plain"])
    );
    assert_eq!(Read::SCOPES, ["files:read"]);
    assert_eq!(Read::IMPLIED_BY, ["files:write", "files:*"]);
    assert_eq!(Plain::IMPLIED_BY, [""; 0]);
    assert_eq!(
        (Reader::ROLES, Reader::IMPLIED_BY),
        (&["reader"][..], &["chief editor"][..])
    );
    assert_eq!(
        (See::PERMISSIONS, See::IMPLIED_BY),
        (&["sample:read"][..], &["sample:*"][..])
    );
}

#[test]
fn row_20_8_a_list_by_hand_may_have_implying_names() {
    enum ByHand {}

    impl ScopeList for ByHand {
        const SCOPES: &'static [&'static str] = &["low"];
        const IMPLIED_BY: &'static [&'static str] = &["high"];
    }

    let routes = protect::<Scopes<ByHand>>(routes![open]);
    let issuer = offline();
    let app = guarded(&issuer, routes);
    app.get("/open", &issuer.token().scope("high").sign())
        .passes("open");
    app.get("/open", &issuer.token().scope("higher").sign())
        .insufficient();
}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

/// Names that resemble those of the lists, and other values.
fn values() -> impl Strategy<Value = Value> {
    let text = || {
        prop_oneof![
            Just("files:read"),
            Just("files:write"),
            Just("reader"),
            Just("sample:*"),
            Just("high"),
            Just("plain"),
            Just("other"),
            Just(""),
        ]
    };
    prop_oneof![
        2 => text().prop_map(|text| json!(text)),
        2 => (text(), text()).prop_map(|(a, b)| json!(format!("{a} {b}"))),
        2 => proptest::collection::vec(text(), 0..4).prop_map(|texts| json!(texts)),
        1 => any::<bool>().prop_map(|value| json!(value)),
        1 => (0..5).prop_map(|number| json!(number)),
        1 => Just(json!(null)),
        1 => Just(json!([3, { "a": 1 }])),
    ]
}

macro_rules! answers {
    ($($policy:ty;)+) => {
        [$((
            stringify!($policy),
            <$policy as Policy>::decide as fn(&ValidToken) -> Decision,
            <$policy as Policy>::requirement(),
        )),+]
    };
}

#[test]
fn the_value_of_a_requirement_answers_as_its_policy() {
    let policies = answers! {
        Authenticated;
        ValidToken;
        Scopes<Read>;
        Scopes<Plain>;
        Roles<Reader>;
        Permissions<See>;
        Lacks<Scopes<ReadOrList>>;
        Lacks<Permissions<See>>;
        Claim<Level>;
        Claim<Present>;
        IssuedBy<Home, Scopes<Plain>>;
        Any<(Claim<Level>, Scopes<Read>, All<(Roles<Reader>, Permissions<See>)>)>;
        All<(Any<(Claim<Present>, Scopes<Plain>)>, Lacks<Roles<Reader>>)>;
    };
    let mut allowed = vec![0; policies.len()];
    let mut runner = TestRunner::new(Runs {
        cases: 2000,
        failure_persistence: None,
        ..Runs::default()
    });
    let claims = (values(), values(), values(), values());
    let allowed_cell = std::cell::RefCell::new(&mut allowed);
    let outcome = runner.run(&claims, |(scope, roles, permissions, level)| {
        let token = token_with(json!({
            "scope": scope, "roles": roles, "permissions": permissions, "level": level,
        }));
        for (index, (name, decide, requirement)) in policies.iter().enumerate() {
            let decision = decide(&token);
            prop_assert_eq!(requirement.decide(Some(&token)), Some(decision), "{}", name);
            prop_assert_eq!(requirement.decide(None), Some(Decision::Deny), "{}", name);
            allowed_cell.borrow_mut()[index] += usize::from(decision == Decision::Allow);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    // `token_with` names no issuer; tests/it/issuers.rs has tokens of named ones.
    for (index, (name, ..)) in policies.iter().enumerate() {
        let divides = !name.contains("Home") && !["Authenticated", "ValidToken"].contains(name);
        assert!(
            !divides || (1..2000).contains(&allowed[index]),
            "{name}: {}",
            allowed[index]
        );
    }
}

fn guard<G: axioms_rocket::Guard>() -> Requirement {
    G::requirement()
}

#[test]
fn the_value_of_a_requirement_leaves_open_what_it_cannot_tell() {
    let (allow, deny) = (Some(Decision::Allow), Some(Decision::Deny));
    let scope = |name| Requirement::AnyOf(ClaimKind::Scope, name);
    let (held, missing) = (|| scope(&["a"]), || scope(&["b"]));
    let custom = || Requirement::Custom("weekdays");
    let token = token_with(json!({ "scope": "a" }));
    let not_a_list = Requirement::Lacks(Box::new(custom()));
    let of_home = Requirement::IssuedBy("home", Box::new(custom()));
    for (requirement, with, without) in [
        (custom(), None, None),
        (Requirement::Owner(None), None, deny),
        (Requirement::Anybody, allow, allow),
        (Requirement::All(vec![]), allow, deny),
        (Requirement::Any(vec![]), deny, deny),
        (
            Requirement::All(vec![Requirement::Anybody, Requirement::Anybody]),
            allow,
            allow,
        ),
        (Requirement::All(vec![custom(), held()]), None, deny),
        (Requirement::All(vec![custom(), missing()]), deny, deny),
        (Requirement::Any(vec![custom(), held()]), allow, None),
        (Requirement::Any(vec![custom(), missing()]), None, None),
        (
            Requirement::Any(vec![Requirement::Owner(None), missing()]),
            None,
            deny,
        ),
        (guard::<Optional<Scopes<Plain>>>(), deny, allow),
        (guard::<Optional<ValidToken>>(), allow, allow),
        (guard::<Unless<Gets, Scopes<Plain>>>(), None, None),
        (guard::<Unless<Gets, ValidToken>>(), allow, None),
        (guard::<Always<Scopes<Plain>>>(), deny, deny),
        (not_a_list, None, None),
        (of_home, deny, deny),
    ] {
        assert_eq!(requirement.decide(Some(&token)), with, "{requirement}");
        assert_eq!(requirement.decide(None), without, "{requirement}");
    }
}

#[test]
fn a_guard_in_optional_is_skipped_where_its_methods_are() {
    fn skips<G: axioms_rocket::Guard>(method: Method, safe: bool) -> bool {
        G::skips(method, safe)
    }
    type Guest = Optional<Unless<Gets, ValidToken>>;
    assert!(skips::<Guest>(Method::Get, false) && skips::<Guest>(Method::Head, false));
    assert!(!skips::<Guest>(Method::Post, true));
    assert!(!skips::<Optional<Scopes<Plain>>>(Method::Options, true));
}

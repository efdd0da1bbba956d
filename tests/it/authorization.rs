//! Chapter 6 of docs/behaviour.md: the rows about names and formulas.

use axioms_rocket::testing::TestIssuer;
use axioms_rocket::{
    All, Any, AuthError, Authenticated, AxiomsFairing, Config, Decision, Lacks, Permissions,
    Policy, Require, Requirement, Roles, Scopes, ValidToken, permissions, protect, roles, scopes,
};
use rocket::http::{Header, Method};
use rocket::serde::json::json;
use rocket::{Route, delete, get, options, patch, post, put, routes};

use crate::support::{
    App, Create, Editor, ISSUER, Profile, Read, config, offline, rocket, role, scope,
};

roles! { pub Suspended = "suspended"; }
permissions! { pub Write = "sample:create" | "sample:update"; }
scopes! { pub Mail = "email" | "openid"; }

/// An application of `routes` that trusts `issuer`.
#[track_caller]
pub fn guarded(issuer: &TestIssuer, routes: Vec<Route>) -> App {
    guarded_by(issuer, config(issuer), routes)
}

/// Like `guarded`, with other settings.
#[track_caller]
pub fn guarded_by(issuer: &TestIssuer, config: Config, routes: Vec<Route>) -> App {
    App::launch(
        rocket(AxiomsFairing::from_config(config).with_keys(issuer.jwks())).mount("/", routes),
    )
}

#[get("/permission")]
fn permission(_may: Permissions<Write>) -> &'static str {
    "permission"
}

#[test]
fn row_6_1_any_name_of_the_list_is_enough() {
    let issuer = offline();
    let app = guarded(&issuer, routes![scope, role, permission]);
    for scope in [
        "openid",
        "profile",
        "openid profile",
        "other profile",
        "profile other",
    ] {
        app.get("/scope", &issuer.token().scope(scope).sign())
            .passes("scope");
    }
    for scope in [
        "",
        "other",
        "OPENID",
        "openid2",
        "open",
        "profileopenid",
        "openid\tprofile",
        "openid,profile",
    ] {
        app.get("/scope", &issuer.token().scope(scope).sign())
            .insufficient();
    }
    for roles in [&["editor"][..], &["viewer", "editor"]] {
        app.get("/role", &issuer.token().roles(roles.to_vec()).sign())
            .passes("role");
    }
    for roles in [&[][..], &["Editor"], &["viewer"], &["editor viewer"]] {
        app.get("/role", &issuer.token().roles(roles.to_vec()).sign())
            .insufficient();
    }
    for permissions in [["sample:create"], ["sample:update"]] {
        app.get(
            "/permission",
            &issuer.token().permissions(permissions).sign(),
        )
        .passes("permission");
    }
    for permissions in [["sample:delete"], ["sample"], ["sample:*"]] {
        app.get(
            "/permission",
            &issuer.token().permissions(permissions).sign(),
        )
        .insufficient();
    }
    // A name of one kind is not one of another.
    let elsewhere = issuer
        .token()
        .scope("editor sample:create")
        .roles(["openid", "sample:create"])
        .permissions(["openid"]);
    for path in ["/scope", "/role", "/permission"] {
        app.get(path, &elsewhere.sign()).insufficient();
    }
}

#[get("/two-lists")]
fn two_lists(_profile: Scopes<Profile>, _mail: Scopes<Mail>) -> &'static str {
    "two lists"
}

#[get("/three-kinds")]
fn three_kinds(
    _scope: Scopes<Read>,
    _role: Roles<Editor>,
    _may: Permissions<Create>,
) -> &'static str {
    "three kinds"
}

#[test]
fn row_6_2_two_guards_on_one_route_must_both_pass() {
    let issuer = offline();
    let app = guarded(&issuer, routes![two_lists, three_kinds]);
    for (scope, passes) in [
        ("profile email", true),
        ("openid", true),
        ("profile", false),
        ("email", false),
    ] {
        let answer = app.get("/two-lists", &issuer.token().scope(scope).sign());
        if passes {
            answer.passes("two lists")
        } else {
            answer.insufficient()
        }
    }
    let all = || {
        issuer
            .token()
            .scope("read:resource")
            .roles(["editor"])
            .permissions(["sample:create"])
    };
    app.get("/three-kinds", &all().sign()).passes("three kinds");
    for missing in ["scope", "roles", "permissions"] {
        app.get("/three-kinds", &all().without(missing).sign())
            .insufficient();
    }
}

type MayRead = Any<(Scopes<Read>, All<(Roles<Editor>, Lacks<Roles<Suspended>>)>)>;

#[get("/any")]
fn any(_may: Any<(Scopes<Read>, Roles<Editor>)>) -> &'static str {
    "any"
}

#[get("/all")]
fn all(_may: All<(Scopes<Read>, Roles<Editor>)>) -> &'static str {
    "all"
}

#[get("/nested")]
fn nested(_may: MayRead) -> &'static str {
    "nested"
}

#[test]
fn row_6_3_the_type_tree_is_the_formula() {
    let issuer = offline();
    let app = guarded(&issuer, routes![any, all, nested]);
    let (read, other) = ("read:resource", "other");
    // scope, roles, and whether any, all and nested pass.
    for (scope, roles, expected) in [
        (read, &["editor"][..], [true, true, true]),
        (read, &["viewer"], [true, false, true]),
        (other, &["editor"], [true, false, true]),
        (other, &["viewer"], [false, false, false]),
        (read, &["editor", "suspended"], [true, true, true]),
        (other, &["editor", "suspended"], [true, false, false]),
        (other, &["suspended"], [false, false, false]),
    ] {
        let token = issuer.token().scope(scope).roles(roles.to_vec()).sign();
        for (name, passes) in ["any", "all", "nested"].into_iter().zip(expected) {
            let answer = app.get(&format!("/{name}"), &token);
            if passes {
                answer.passes(name)
            } else {
                answer.insufficient()
            }
        }
    }
    assert_eq!(
        MayRead::requirement().to_string(),
        "scope read:resource or (role editor and not role suspended)"
    );
}

#[get("/lacks-role")]
fn lacks_role(_unsuspended: Lacks<Roles<Suspended>>) -> &'static str {
    "lacks"
}

#[get("/lacks-scope")]
fn lacks_scope(_no_mail: Lacks<Scopes<Mail>>) -> &'static str {
    "lacks"
}

#[get("/lacks-permission")]
fn lacks_permission(_read_only: Lacks<Permissions<Write>>) -> &'static str {
    "lacks"
}

roles! { pub OnLeave = "on leave" | "retired"; }

#[get("/present")]
fn present(_not_away: Lacks<Roles<OnLeave>>) -> &'static str {
    "lacks"
}

#[test]
fn row_6_4_a_name_with_a_space_is_not_lacking_in_one_string() {
    let issuer = offline();
    let app = guarded(&issuer, routes![present]);
    for with in [
        json!(["on leave"]),
        json!("on leave"),
        json!("editor on leave"),
        json!(["a", "retired"]),
        // An item may join several names.
        json!(["on leave "]),
        json!(["editor,on leave"]),
        json!("retired"),
    ] {
        app.get("/present", &issuer.token().claim("roles", with).sign())
            .insufficient();
    }
    for without in [
        json!(["on", "leave"]),
        json!("leave on"),
        json!("on"),
        json!([]),
    ] {
        app.get("/present", &issuer.token().claim("roles", without).sign())
            .passes("lacks");
    }
}

#[test]
fn row_6_4_a_name_anywhere_in_one_string_is_not_lacking() {
    let issuer = offline();
    let app = guarded(&issuer, routes![lacks_role, lacks_scope, lacks_permission]);
    for (path, claim, bad) in [
        ("/lacks-role", "roles", "suspended"),
        ("/lacks-scope", "scope", "openid"),
        ("/lacks-permission", "permissions", "sample:update"),
    ] {
        for separator in [
            ",", ", ", ";", "; ", "\t", "|", " | ", "\n", "\r\n", "\u{a0}", "\u{3000}", "+", "/",
            "",
        ] {
            for one_string in [
                format!("editor{separator}{bad}"),
                format!("{bad}{separator}editor"),
                format!("editor{separator}{bad}{separator}viewer"),
            ] {
                let token = issuer.token().claim(claim, one_string).sign();
                app.get(path, &token).insufficient();
            }
        }
        // An item of an array is split at separators, and a part is compared whole.
        let items = |item: String| issuer.token().claim(claim, json!([item])).sign();
        app.get(path, &items(format!("{bad},editor")))
            .insufficient();
        app.get(path, &items(format!("un{bad}"))).passes("lacks");
    }
}

#[test]
fn row_6_4_only_a_present_claim_can_lack_a_name() {
    let issuer = offline();
    let app = guarded(&issuer, routes![lacks_role, lacks_scope, lacks_permission]);
    let bad = ["suspended", "openid", "sample:update"];
    for ((path, claim), bad) in [
        ("/lacks-role", "roles"),
        ("/lacks-scope", "scope"),
        ("/lacks-permission", "permissions"),
    ]
    .into_iter()
    .zip(bad)
    {
        for without in [
            json!(["other"]),
            json!("other"),
            json!([]),
            json!(""),
            json!(["a b", ""]),
        ] {
            app.get(path, &issuer.token().claim(claim, without).sign())
                .passes("lacks");
        }
        for with in [
            json!([bad]),
            json!(["other", bad]),
            json!(bad),
            json!(format!("other {bad}")),
        ] {
            app.get(path, &issuer.token().claim(claim, with).sign())
                .insufficient();
        }
        for unreadable in [
            json!(null),
            json!(7),
            json!(false),
            json!({ "other": true }),
            json!(["other", 7]),
            json!([["other"]]),
        ] {
            app.get(path, &issuer.token().claim(claim, unreadable).sign())
                .insufficient();
        }
        app.get(path, &issuer.token().sign()).insufficient();
        app.anonymous(path).missing();
    }
}

#[test]
fn row_6_5_no_token_is_unauthorized_not_forbidden() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        routes![
            scope,
            role,
            permission,
            any,
            all,
            nested,
            lacks_role,
            three_kinds
        ],
    );
    for path in [
        "/scope",
        "/role",
        "/permission",
        "/any",
        "/all",
        "/nested",
        "/lacks-role",
        "/three-kinds",
    ] {
        app.anonymous(path).missing();
        app.call(Method::Get, path, &["Basic dTpw"]).not_bearer();
        app.get(path, &issuer.token().expired().sign())
            .invalid("Token has expired");
    }
}

#[test]
fn the_challenge_asks_for_the_scopes_of_the_formula_and_for_nothing_else() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        routes![scope, role, permission, any, nested, lacks_scope, two_lists],
    );
    let token = issuer.token().claim("scope", "other").sign();
    let bad = issuer.token().expired().sign();
    for (path, scope) in [
        ("/scope", Some("openid")),
        ("/any", Some("read:resource")),
        ("/nested", Some("read:resource")),
        // Both guards must pass, so the client asks for both at once.
        ("/two-lists", Some("openid email")),
        ("/role", None),
        ("/permission", None),
        // Scopes that must be lacking are not in the challenge.
        ("/lacks-scope", None),
    ] {
        let scope = scope.map_or_else(String::new, |scope| format!(", scope=\"{scope}\""));
        let realm = "Bearer realm=\"https://issuer.example.test\"";
        let denied = "error=\"insufficient_scope\", \
                  error_description=\"Insufficient role, scope or permission\"";
        if path != "/lacks-scope" {
            let answer = app.get(path, &token);
            assert_eq!(
                answer.challenge,
                Some(format!("{realm}, {denied}{scope}")),
                "{path}"
            );
        }
        let answer = app.anonymous(path);
        assert_eq!(answer.challenge, Some(format!("{realm}{scope}")), "{path}");
        // The next token needs the scope too (row 20.7).
        let answer = app.get(path, &bad);
        let expired = "error=\"invalid_token\", error_description=\"Token has expired\"";
        let expected = format!("{realm}, {expired}{scope}");
        assert_eq!(answer.challenge, Some(expected), "{path}");
    }
    app.get("/lacks-scope", &token).passes("lacks");
    let answer = app.get("/lacks-scope", &issuer.token().scope("email").sign());
    assert!(
        !answer.challenge.unwrap().contains("scope=\"openid"),
        "a scope that must be lacking"
    );
}

struct Weekend;

impl Policy for Weekend {
    fn decide(token: &ValidToken) -> Decision {
        (token.claims().get("shift").and_then(|shift| shift.as_str()) == Some("weekend")).into()
    }

    fn requirement() -> Requirement {
        Requirement::Custom("a weekend shift")
    }
}

#[get("/require")]
fn require(_weekend: Require<Weekend>) -> &'static str {
    "require"
}

#[get("/require-in-a-formula")]
fn require_in_a_formula(_may: All<(Weekend, Any<(Roles<Editor>, Scopes<Read>)>)>) -> &'static str {
    "formula"
}

#[test]
fn a_policy_of_ones_own_stands_alone_and_in_formulas() {
    let issuer = offline();
    let app = guarded(&issuer, routes![require, require_in_a_formula]);
    app.get("/require", &issuer.token().claim("shift", "weekend").sign())
        .passes("require");
    for shift in [json!("week"), json!(null), json!(["weekend"])] {
        app.get("/require", &issuer.token().claim("shift", shift).sign())
            .insufficient();
    }
    app.get("/require", &issuer.token().sign()).insufficient();
    app.anonymous("/require").missing();

    let weekend = || issuer.token().claim("shift", "weekend");
    app.get("/require-in-a-formula", &weekend().roles(["editor"]).sign())
        .passes("formula");
    app.get(
        "/require-in-a-formula",
        &weekend().scope("read:resource").sign(),
    )
    .passes("formula");
    app.get("/require-in-a-formula", &weekend().sign())
        .insufficient();
    app.get(
        "/require-in-a-formula",
        &issuer.token().roles(["editor"]).sign(),
    )
    .insufficient();
    let answer = app.get("/require-in-a-formula", &weekend().sign());
    assert!(
        answer
            .challenge
            .as_deref()
            .is_some_and(|c| c.ends_with(", scope=\"read:resource\"")),
        "{answer:?}"
    );
}

#[get("/authenticated")]
fn authenticated(_someone: Authenticated) -> &'static str {
    "authenticated"
}

#[test]
fn authenticated_asks_for_some_token_and_for_no_name() {
    let issuer = offline();
    let app = guarded(&issuer, routes![authenticated]);
    app.get("/authenticated", &issuer.token().without("sub").sign())
        .passes("authenticated");
    app.anonymous("/authenticated").missing();
    app.get("/authenticated", &issuer.token().tampered().sign())
        .invalid("Invalid token signature");
}

mod counted {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Any, Decision, Editor, Policy, Require, Requirement, Roles, ValidToken, get};

    pub static DECIDED: AtomicUsize = AtomicUsize::new(0);

    pub struct Counted;

    impl Policy for Counted {
        fn decide(_: &ValidToken) -> Decision {
            DECIDED.fetch_add(1, Ordering::SeqCst);
            Decision::Allow
        }

        fn requirement() -> Requirement {
            Requirement::Custom("to be counted")
        }
    }

    #[get("/counted")]
    pub fn counted(
        _one: Require<Counted>,
        _two: Require<Counted>,
        _any: Any<(Roles<Editor>, Counted)>,
    ) -> &'static str {
        "counted"
    }
}

#[test]
fn a_policy_is_decided_once_per_request_and_type() {
    let issuer = offline();
    let app = guarded(
        &issuer,
        protect::<Require<counted::Counted>>(routes![counted::counted]),
    );
    let token = issuer.token().sign();
    for requests in 1..=3 {
        app.get("/counted", &token).passes("counted");
        // For the three guards of its own, and for the formula.
        assert_eq!(
            counted::DECIDED.load(std::sync::atomic::Ordering::SeqCst),
            requests
        );
    }
}

/// One permission per method, as the family's sample API has it.
mod table {
    use super::{Permissions, delete, get, options, patch, permissions, post, put};

    permissions! {
        pub Read = "sample:read";
        pub Create = "sample:create";
        pub Replace = "sample:replace";
        pub Update = "sample:update";
        pub Delete = "sample:delete";
        pub Ask = "sample:ask";
    }

    #[get("/sample")]
    pub fn read(_may: Permissions<Read>) -> &'static str {
        "GET"
    }

    #[post("/sample")]
    pub fn create(_may: Permissions<Create>) -> &'static str {
        "POST"
    }

    #[put("/sample")]
    pub fn replace(_may: Permissions<Replace>) -> &'static str {
        "PUT"
    }

    #[patch("/sample")]
    pub fn update(_may: Permissions<Update>) -> &'static str {
        "PATCH"
    }

    #[delete("/sample")]
    pub fn remove(_may: Permissions<Delete>) -> &'static str {
        "DELETE"
    }

    #[options("/sample")]
    pub fn ask(_may: Permissions<Ask>) -> &'static str {
        "OPTIONS"
    }
}

#[test]
fn each_method_asks_for_its_own_permission() {
    let issuer = offline();
    let routes = routes![
        table::read,
        table::create,
        table::replace,
        table::update,
        table::remove,
        table::ask
    ];
    let app = guarded(&issuer, routes);
    let table = [
        (Method::Get, "sample:read"),
        (Method::Post, "sample:create"),
        (Method::Put, "sample:replace"),
        (Method::Patch, "sample:update"),
        (Method::Delete, "sample:delete"),
    ];
    for (held_for, permission) in table {
        let token = format!("Bearer {}", issuer.token().permissions([permission]).sign());
        for (method, _) in table {
            let answer = app.call(method, "/sample", &[&token]);
            if method == held_for {
                answer.passes(method.as_str())
            } else {
                answer.insufficient()
            }
        }
        // Safe by default.
        app.call(Method::Options, "/sample", &[&token])
            .passes("OPTIONS");
    }
    for (method, _) in table {
        app.call(method, "/sample", &[]).missing();
    }
}

#[post("/tool", data = "<name>")]
fn tool(token: ValidToken, _scope: Scopes<Profile>, name: &str) -> Result<&'static str, AuthError> {
    match name {
        "edit" => token.require::<Roles<Editor>>()?,
        "read" => token.require::<All<(Scopes<Read>, Lacks<Roles<Suspended>>)>>()?,
        _ => {}
    }
    Ok("called")
}

#[test]
fn a_handler_asks_for_a_policy_that_depends_on_the_body() {
    let issuer = offline();
    let app = guarded(&issuer, routes![tool]);
    let call = |name: &str, token: &str| {
        let bearer = Header::new("Authorization", format!("Bearer {token}"));
        let response = app.0.post("/tool").header(bearer).body(name).dispatch();
        let challenge = response.headers().get_one("WWW-Authenticate");
        (response.status().code, challenge.map(str::to_owned))
    };
    let refused = |scopes: &str| {
        let challenge = format!(
            "Bearer realm=\"{ISSUER}\", error=\"insufficient_scope\", \
             error_description=\"Insufficient role, scope or permission\", scope=\"{scopes}\""
        );
        (403, Some(challenge))
    };
    let base = issuer.token().scope("openid").roles(["member"]);
    let none = base.sign();
    assert_eq!(call("other", &none), (200, None));
    // No scope brings a role, but the route's own is still needed.
    assert_eq!(call("edit", &none), refused("openid"));
    assert_eq!(call("read", &none), refused("openid read:resource"));
    let all = issuer
        .token()
        .scope("openid read:resource")
        .roles(["editor"])
        .sign();
    assert_eq!(call("edit", &all), (200, None));
    assert_eq!(call("read", &all), (200, None));
}

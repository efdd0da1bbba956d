//! Chapter 1 of docs/behaviour.md: the settings, from their sources to the tokens that a running
//! application accepts.
//!
//! Its own program: the sources are the working directory and the environment of the process.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "it/recorder.rs"]
mod recorder;
#[allow(dead_code, reason = "shared with the tests of the other chapters")]
#[path = "it/support.rs"]
mod support;

use axioms_rocket::testing::{Alg, IssuerFault, TestIssuer};
use axioms_rocket::{Authenticated, AxiomsFairing, Config, IssuedBy, JwksPrefetch, protect};
use figment::Jail;
use rocket::error::ErrorKind;
use rocket::http::Method;
use rocket::local::blocking::Client;
use rocket::serde::json::json;
use rocket::{Build, Rocket};

use recorder::{Log, launch, record};
use support::{AUDIENCE, App, ISSUER, config, full_token, offline, offline_with, routes};

/// An empty directory and an empty environment, but for Rocket's silence.
fn jail(test: impl FnOnce(&mut Jail)) {
    Jail::expect_with(|jail| {
        jail.clear_env();
        jail.set_env("ROCKET_LOG_LEVEL", "off");
        test(jail);
        Ok(())
    });
}

/// As a user writes it: every source counts.
fn rocket(fairing: AxiomsFairing) -> Rocket<Build> {
    rocket::build().attach(fairing).mount("/", routes())
}

fn default_app() -> App {
    App::launch(rocket(AxiomsFairing::default()))
}

/// Every source, and keys out of band.
fn app_with_keys_of(issuer: &TestIssuer) -> App {
    App::launch(rocket(AxiomsFairing::default().with_keys(issuer.jwks())))
}

fn recorded_launch(rocket: Rocket<Build>) -> (App, Log) {
    let (client, log) = launch(rocket);
    (App(client.expect("the application starts")), log)
}

/// The log of making and launching an application.
fn log_of(rocket: impl FnOnce() -> Rocket<Build>) -> Log {
    let (client, log) = record(|| Client::untracked(rocket()).map_err(Box::new));
    client.expect("the application starts");
    log
}

/// The application does not start, because of the fairing alone; what it says.
#[track_caller]
fn does_not_start(rocket: Rocket<Build>) -> String {
    let (launched, log) = launch(rocket);
    let Err(error) = launched else {
        panic!("the application starts")
    };
    match error.kind() {
        ErrorKind::FailedFairings(failed) => {
            assert_eq!(
                failed
                    .iter()
                    .map(|fairing| fairing.name)
                    .collect::<Vec<_>>(),
                ["Axioms: access tokens"]
            );
        }
        other => panic!("another error: {other}"),
    }
    let message = "ERROR axioms_rocket::fairing: ";
    let (_, why) = log.0.split_once(message).expect("the fairing says why");
    why.trim_end().replace(message, "")
}

fn lines<const N: usize>(lines: [&str; N]) -> String {
    lines.join("\n")
}

const CANNOT_WORK: &str = "the axioms configuration cannot work:";

#[test]
fn each_source_is_above_the_one_before() {
    jail(|jail| {
        let issuer = offline();
        let realm = || {
            app_with_keys_of(&issuer)
                .anonymous("/token")
                .challenge
                .unwrap()
        };
        let is = |realm: &str| format!("Bearer realm=\"{realm}\"");

        jail.create_file(
            "Rocket.toml",
            &format!("[default.axioms]\naudience = \"{AUDIENCE}\""),
        )
        .unwrap();
        assert_eq!(realm(), is(AUDIENCE));
        jail.create_file(
            "Rocket.toml",
            &format!(
                "[default.axioms]\naudience = \"{AUDIENCE}\"\niss_url = \
             \"{ISSUER}\"\n[release.axioms]\nrealm = \"release\""
            ),
        )
        .unwrap();
        assert_eq!(realm(), is(ISSUER));
        jail.set_env("ROCKET_PROFILE", "release");
        assert_eq!(realm(), is("release"));
        jail.set_env("ROCKET_AXIOMS", "{realm=\"ROCKET_AXIOMS\"}");
        assert_eq!(realm(), is("ROCKET_AXIOMS"));
        jail.create_file(".env", "AXIOMS_REALM=dotenv").unwrap();
        assert_eq!(realm(), is("dotenv"));
        // Read, and not put into the environment, where another thread may be looking.
        assert_eq!(std::env::var_os("AXIOMS_REALM"), None);
        jail.set_env("AXIOMS_REALM", "environment");
        assert_eq!(realm(), is("environment"));

        // The merged settings are in effect.
        let app = app_with_keys_of(&issuer);
        app.get("/token", &full_token(&issuer).sign())
            .passes("alice");
        app.get("/token", &full_token(&issuer).audience("another").sign())
            .invalid("Invalid token audience");
    });
}

#[test]
fn two_variables_are_enough() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        jail.set_env(
            "AXIOMS_AUDIENCE",
            "https://other.example.test,https://api.example.test",
        );
        jail.set_env("AXIOMS_ISS_URL", issuer.url());
        let (app, log) = recorded_launch(rocket(AxiomsFairing::default()));
        app.get("/token", &full_token(&issuer).sign())
            .passes("alice");
        app.get(
            "/token",
            &full_token(&issuer)
                .audience("https://other.example.test")
                .sign(),
        )
        .passes("alice");
        let line = format!(
            "axioms: protected by access tokens of {} (audience https://other.example.test, \
             https://api.example.test; 1 key)",
            issuer.url()
        );
        assert_eq!(log.line("protected by"), ("INFO", line.as_str()));
    });
}

#[test]
fn an_empty_variable_never_takes_a_requirement_away() {
    jail(|jail| {
        let toml = format!(
            "[default.axioms]\naudience = \"{AUDIENCE}\"\niss_url = \"{ISSUER}\"\nrequired_claims \
             = [\"jti\"]\n"
        );
        jail.create_file("Rocket.toml", &toml).unwrap();
        let message =
            "must not be empty; unset it to have the default, or write [] for the empty list";
        jail.set_env("AXIOMS_REQUIRED_CLAIMS", "");
        let variable = "required_claims (environment variable AXIOMS_REQUIRED_CLAIMS)";
        assert_eq!(
            does_not_start(rocket(AxiomsFairing::default())),
            format!("{CANNOT_WORK}\n  - {variable}: {message}")
        );
        jail.clear_env();
        jail.set_env("ROCKET_LOG_LEVEL", "off");
        jail.create_file(".env", "AXIOMS_ISSUERS=").unwrap();
        assert_eq!(
            does_not_start(rocket(AxiomsFairing::default())),
            format!("{CANNOT_WORK}\n  - issuers (.env file (.env) AXIOMS_ISSUERS): {message}")
        );
        // `[]` is the empty list, and takes it away on purpose.
        jail.create_file(".env", "AXIOMS_REQUIRED_CLAIMS=[]")
            .unwrap();
        let issuer = offline();
        app_with_keys_of(&issuer)
            .get("/token", &full_token(&issuer).without("jti").sign())
            .passes("alice");
    });
}

#[test]
fn variables_and_lines_of_other_programs_do_not_end_the_launch() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_API_SERVICE_HOST", "10.0.0.1");
        jail.set_env("AXIOMS_API_PORT_80_TCP_ADDR", "10.0.0.1");
        let foreign = "JAVA_OPTS=-Xmx512m -Xms128m\nit's\nKEY: v\n";
        jail.create_file(
            ".env",
            &format!("{foreign}export AXIOMS_ISS_URL={}", issuer.url()),
        )
        .unwrap();
        let (app, log) = recorded_launch(rocket(AxiomsFairing::default()));
        app.get("/token", &full_token(&issuer).sign())
            .passes("alice");
        let (level, line) = log.line("Kubernetes or Docker");
        assert_eq!(level, "INFO");
        for name in ["AXIOMS_API_SERVICE_HOST", "AXIOMS_API_PORT_80_TCP_ADDR"] {
            assert!(line.contains(name), "{line}");
        }
        let path = jail.directory().join(".env").display().to_string();
        let lines = format!(
            "axioms: {path}: passed over what is not `NAME=value` and does not begin with AXIOMS_ \
             (line 1, 2, 3)"
        );
        assert_eq!(log.line("passed over"), ("WARN", lines.as_str()));
        let (_, line) = log.line("protected by");
        assert!(line.ends_with(&format!("; settings from {path}")), "{line}");

        jail.set_env("AXIOMS_API_HOST", "10.0.0.1");
        let message = does_not_start(rocket(AxiomsFairing::default()));
        assert!(
            message.contains("AXIOMS_API_HOST): is not a setting"),
            "{message}"
        );
    });
}

#[test]
fn what_was_ignored_is_logged_once_if_the_program_reads_the_settings_too() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", issuer.url());
        jail.set_env("AXIOMS_DOMAIN", "auth.example.test");
        jail.set_env("AXIOMS_API_SERVICE_HOST", "10.0.0.1");
        jail.set_env("AXIOMS_JWKS_URL", issuer.jwks_url());
        jail.set_env("AXIOMS_DISCOVERY", "true");
        jail.create_file(".env", "KEY: v\n").unwrap();
        let read = || Config::from_figment(&rocket::Config::figment()).unwrap();
        let fairings: [fn(Config) -> AxiomsFairing; 2] =
            [|_| AxiomsFairing::default(), AxiomsFairing::from_config];
        for fairing in fairings {
            let log = log_of(|| rocket(fairing(read())));
            for part in ["Kubernetes or Docker", "passed over", "has no effect"] {
                assert_eq!(log.lines(part).len(), 1, "{part}: {}", log.0);
            }
        }
        // Not by a later launch.
        let (_, log) = recorded_launch(rocket(AxiomsFairing::from_config(config(&issuer))));
        assert_eq!(log.lines("passed over"), [""; 0]);
    });
}

#[test]
fn an_expected_claim_without_a_value_ends_the_launch() {
    jail(|jail| {
        let issuer = offline();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", ISSUER);
        for value in ["{token_use=}", "{token_use=\"\"}"] {
            jail.set_env("AXIOMS_EXPECTED_CLAIMS", value);
            let fairing = AxiomsFairing::default().with_keys(issuer.jwks());
            assert_eq!(
                does_not_start(rocket(fairing)),
                format!(
                    "{CANNOT_WORK}\n  - expected_claims (environment variable \
                     AXIOMS_EXPECTED_CLAIMS): `token_use` has an empty text: no value was written"
                ),
                "{value}"
            );
        }
    });
}

#[test]
fn settings_that_with_keys_replaces_are_warned_of() {
    jail(|jail| {
        let issuer = offline();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", ISSUER);
        jail.set_env("AXIOMS_JWKS_URL", "https://issuer.example.test/keys");
        let fairing = AxiomsFairing::default().with_keys(issuer.jwks());
        let (_, log) = recorded_launch(rocket(fairing));
        let warning = "axioms: jwks_url (environment variable AXIOMS_JWKS_URL) has no effect: \
                       with_keys gives the keys of that issuer";
        assert_eq!(log.line("has no effect"), ("WARN", warning));
    });
}

#[test]
fn a_setting_that_a_lower_source_overrules_is_warned_of() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        let toml = format!(
            "[default.axioms]\naudience = \"{AUDIENCE}\"\niss_url = \"{}\"\n",
            issuer.url()
        );
        jail.create_file("Rocket.toml", &toml).unwrap();
        jail.set_env("AXIOMS_DOMAIN", "auth.example.test");
        let (_, log) = recorded_launch(rocket(AxiomsFairing::default()));
        let warning = "axioms: domain (environment variable AXIOMS_DOMAIN) does not change the \
                       issuer: iss_url (Rocket.toml [default.axioms]) does, and domain only names \
                       the namespaced claims";
        assert_eq!(log.line("does not change"), ("WARN", warning));
    });
}

#[test]
fn code_replaces_every_other_source() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\nnonsense = 1\nleeway = \"much\"",
        )
        .unwrap();
        jail.create_file(".env", "AXIOMS_ALGORITHMS=none\nAXIOMS_ this is no line")
            .unwrap();
        jail.set_env("AXIOMS_REALM", "environment");
        jail.set_env("AXIOMS_AUDIENCE", "another");
        let issuer = offline();
        let app = App::launch(rocket(
            AxiomsFairing::from_config(config(&issuer)).with_keys(issuer.jwks()),
        ));
        assert_eq!(
            app.anonymous("/token").challenge.as_deref(),
            Some("Bearer realm=\"https://issuer.example.test\"")
        );
        app.get("/token", &full_token(&issuer).sign())
            .passes("alice");
    });
}

#[test]
fn every_problem_is_reported_at_once_with_its_key_and_its_source() {
    jail(|jail| {
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\nleeway = 400\naudiense = \"x\"\nrequire_typ = \"yes\"\n\
             [debug.axioms]\njwks_refresh_interval = 7000\n\
             [[default.axioms.issuers]]\nname = \"staff\"\nleeway = 3\n",
        )
        .unwrap();
        jail.create_file(
            ".env",
            "AXIOMS_ALGORITHMS=RS256,HS256,none\nAXIOMS_ISS_URL=acme.com\n",
        )
        .unwrap();
        jail.set_env("AXIOMS_SAFE_METHODS", "OPTIONS,PREFLIGHT");
        jail.set_env("AXIOMS_HTTP_TIMEOUT", "soon");
        jail.set_env("AXIOMS_HTTP_CA_BUNDLE", "missing.pem");
        assert_eq!(
            does_not_start(rocket(AxiomsFairing::default())),
            lines([
                CANNOT_WORK,
                "  - audiense (Rocket.toml [default.axioms]): is not a setting; the nearest one \
                 is `audience`",
                "  - http_timeout (environment variable AXIOMS_HTTP_TIMEOUT): must be a whole \
                 number of seconds, found text",
                "  - issuers[0].leeway (Rocket.toml [default.axioms]): is not a setting of one \
                 issuer; it belongs at the top level",
                "  - require_typ (Rocket.toml [default.axioms]): must be true or false, found text",
                "  - algorithms (.env file (.env) AXIOMS_ALGORITHMS): `HS256` is symmetric: a key \
                 that checks such tokens can also make them; allow asymmetric ones only",
                "  - algorithms (.env file (.env) AXIOMS_ALGORITHMS): `none` means tokens without \
                 a signature: anybody could make one",
                "  - audience (not set): is required: the identifier of this API, which a token's \
                 `aud` must name",
                "  - issuers[0].iss_url (Rocket.toml [default.axioms]): is required: each of \
                 several issuers needs iss_url or domain",
                "  - iss_url (.env file (.env) AXIOMS_ISS_URL): is not a URL that begins with \
                 https://; an issuer of any other form needs jwks_url",
                "  - safe_methods (environment variable AXIOMS_SAFE_METHODS): `PREFLIGHT` is not \
                 a method that HTTP knows; the nearest one is `GET`",
                "  - leeway (Rocket.toml [default.axioms]): is 400 seconds; at most 300",
                "  - jwks_cache_ttl (default): is 7200 seconds, less than twice \
                 jwks_refresh_interval, which is 7000 seconds (Rocket.toml [debug.axioms]): one \
                 failed refresh would already leave no keys",
                "  - http_ca_bundle (environment variable AXIOMS_HTTP_CA_BUNDLE): `missing.pem` \
                 cannot be read: No such file or directory (os error 2)",
            ])
        );
    });
}

#[test]
fn nothing_at_all_names_the_four_keys_and_the_audience() {
    jail(|_| {
        assert_eq!(
            does_not_start(rocket(AxiomsFairing::default())),
            lines([
                CANNOT_WORK,
                "  - iss_url (not set): nothing says whose tokens are accepted; set domain, \
                 iss_url, jwks_url or issuers",
                "  - audience (not set): is required: the identifier of this API, which a token's \
                 `aud` must name",
            ])
        );
        assert_eq!(
            does_not_start(rocket(AxiomsFairing::from_config(Config::default()))),
            lines([
                CANNOT_WORK,
                "  - iss_url (code (AxiomsFairing::from_config)): nothing says whose tokens are \
                 accepted; set domain, iss_url, jwks_url or issuers",
                "  - audience (code (AxiomsFairing::from_config)): is required: the identifier of \
                 this API, which a token's `aud` must name",
            ])
        );
    });
}

#[test]
fn a_ca_bundle_that_cannot_be_used_stops_the_launch() {
    jail(|jail| {
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", ISSUER);
        jail.create_file(
            "Rocket.toml",
            "[default.axioms]\nhttp_ca_bundle = \"ca.pem\"",
        )
        .unwrap();
        jail.create_file(
            "ca.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        let message = does_not_start(rocket(AxiomsFairing::default()));
        // A relative path is meant from its file.
        let path = jail.directory().join("ca.pem").display().to_string();
        let source = "Rocket.toml [default.axioms]";
        let words = format!("`{path}` holds a certificate that cannot be a root: ");
        let problem = format!("{CANNOT_WORK}\n  - http_ca_bundle ({source}): {words}");
        assert!(message.starts_with(&problem), "{message}");
        // Beside what else is wrong.
        jail.set_env("AXIOMS_LEEWAY", "400");
        let message = does_not_start(rocket(AxiomsFairing::default()));
        let leeway = "  - leeway (environment variable AXIOMS_LEEWAY): is 400 seconds; at most 300";
        assert!(
            message.starts_with(&format!(
                "{CANNOT_WORK}\n{leeway}\n  - http_ca_bundle ({source}): {words}"
            )),
            "{message}"
        );
        jail.set_env("AXIOMS_LEEWAY", "30");
        jail.create_file("ca.pem", "no certificate").unwrap();
        assert_eq!(
            does_not_start(rocket(AxiomsFairing::default())),
            format!(
                "{CANNOT_WORK}\n  - http_ca_bundle (Rocket.toml [default.axioms]): `{path}` holds \
                 no PEM certificate"
            )
        );
    });
}

#[test]
fn what_the_methods_were_told_is_reported_beside_the_configuration() {
    axioms_rocket::issuers! { Staff = "staff"; }
    jail(|jail| {
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_LEEWAY", "400");
        let fairing = || {
            AxiomsFairing::default()
                .with_keys("garbage")
                .with_catchers_at("api")
                .with_catchers_at("/fine")
                .with_catchers_at("/a b")
                .with_catchers_at("/a?b")
                .require_everywhere::<IssuedBy<Staff, Authenticated>>()
                .except(["health", "/fine", "/a?b"])
        };
        let leeway = "  - leeway (environment variable AXIOMS_LEEWAY): is 400 seconds; at most 300";
        let methods = [
            "AxiomsFairing::with_keys: it is not an object (line 1, column 1)",
            "AxiomsFairing: except(\"health\"): it must start with `/`",
            "AxiomsFairing: except(\"/a?b\"): it must be a plain path: no query, no fragment, no \
             parameters, no percent-encoding",
            "AxiomsFairing: with_catchers_at(\"api\"): it must start with `/`",
            "AxiomsFairing: with_catchers_at(\"/a b\"): it must be a plain path: no query, no \
             fragment, and what a URI may not hold percent-encoded",
            "AxiomsFairing: with_catchers_at(\"/a?b\"): it must be a plain path: no query, no \
             fragment, and what a URI may not hold percent-encoded",
        ];
        let message = does_not_start(rocket(fairing()));
        assert_eq!(
            message,
            [&[CANNOT_WORK, leeway], methods.as_slice()]
                .concat()
                .join("\n")
        );
        // The issuers are known once the settings hold.
        jail.set_env("AXIOMS_LEEWAY", "30");
        let groups =
            rocket(fairing()).mount("/", protect::<IssuedBy<Staff, Authenticated>>(routes()));
        let unknown = ["require_everywhere", "protect"].map(|method| {
            format!("AxiomsFairing: {method} names issuer \"staff\", which is not configured")
        });
        assert_eq!(
            does_not_start(groups),
            [methods.map(str::to_owned).as_slice(), &unknown]
                .concat()
                .join("\n")
        );
    });
}

#[test]
fn each_issuer_has_its_own_keys_audience_algorithms_and_claim_names() {
    jail(|jail| {
        let customers = TestIssuer::builder().audience("customer-api").start();
        let staff = TestIssuer::builder()
            .path("/realms/staff")
            .algorithms([Alg::Es384, Alg::EdDsa])
            .start();
        jail.create_file(
            "Rocket.toml",
            &format!(
                r#"
                [default.axioms]
                audience = ["customer-api"]
                iss_url = "{}"
                [[default.axioms.issuers]]
                name = "staff"
                iss_url = "{}"
                audience = "staff-api"
                algorithms = ["ES384"]
                scope_claims = ["permitted"]
                roles_claims = ["realm_access.roles"]
                "#,
                customers.url(),
                staff.url(),
            ),
        )
        .unwrap();
        let (app, log) = recorded_launch(rocket(AxiomsFairing::default()));
        let line = format!(
            "axioms: protected by access tokens of {} (audience customer-api; 1 key) and staff {} \
             (audience staff-api; 1 key); \
             settings from {}",
            customers.url(),
            staff.url(),
            jail.directory().join("Rocket.toml").display()
        );
        assert_eq!(log.line("protected by"), ("INFO", line.as_str()));

        let customer = customers
            .token()
            .subject("carol")
            .scope("openid")
            .roles(["editor"]);
        let employee = || {
            staff
                .token()
                .subject("stefan")
                .audience("staff-api")
                .algorithm(Alg::Es384)
                .claim("permitted", "openid")
                .claim("realm_access", json!({ "roles": ["editor"] }))
        };
        app.get("/token", &customer.sign()).passes("carol");
        app.get("/token", &employee().sign()).passes("stefan");
        for path in ["/scope", "/role"] {
            app.get(path, &customer.sign()).passes(&path[1..]);
            app.get(path, &employee().sign()).passes(&path[1..]);
        }
        // Neither keys, nor the audience, algorithms or claim names of one are the other's.
        app.get(
            "/token",
            &customers
                .token()
                .issuer(staff.url())
                .audience("staff-api")
                .sign(),
        )
        .invalid("Unsupported algorithm");
        app.get("/token", &employee().audience("customer-api").sign())
            .invalid("Invalid token audience");
        app.get("/token", &customers.token().audience("staff-api").sign())
            .invalid("Invalid token audience");
        app.get("/token", &employee().algorithm(Alg::EdDsa).sign())
            .invalid("Unsupported algorithm");
        app.get(
            "/token",
            &employee()
                .issuer(customers.url())
                .audience("customer-api")
                .sign(),
        )
        .invalid("Unknown signing key");
        let foreign_names = employee()
            .without("permitted")
            .without("realm_access")
            .scope("openid")
            .roles(["editor"]);
        app.get("/token", &foreign_names.sign()).passes("stefan");
        app.get("/scope", &foreign_names.sign()).insufficient();
        app.get("/role", &foreign_names.sign()).insufficient();
    });
}

#[test]
fn tokens_without_aud_are_for_the_client_that_they_name() {
    // As Amazon Cognito makes them.
    jail(|jail| {
        let pool = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example";
        let issuer = TestIssuer::builder().algorithms([Alg::Rs256]).offline(pool);
        jail.set_env("AXIOMS_ISS_URL", pool);
        jail.set_env("AXIOMS_AUDIENCE", "6example23456789");
        jail.set_env("AXIOMS_AUDIENCE_CLAIMS", "aud,client_id");
        jail.set_env("AXIOMS_EXPECTED_CLAIMS", "{token_use=access}");
        jail.set_env("AXIOMS_ROLES_CLAIMS", "cognito:groups");
        jail.set_env("AXIOMS_ALGORITHMS", "RS256");
        let app = app_with_keys_of(&issuer);
        let token = || {
            issuer
                .token()
                .without("aud")
                .without_header("typ")
                .client_id("6example23456789")
                .claim("token_use", "access")
                .claim("cognito:groups", json!(["editor"]))
                .subject("alice")
        };
        app.get("/role", &token().sign()).passes("role");
        app.get("/token", &token().sign()).passes("alice");
        app.get("/token", &token().client_id("another").sign())
            .invalid("Invalid token audience");
        app.get("/token", &token().claim("token_use", "id").sign())
            .invalid("Not an access token");
        app.get("/token", &token().without("token_use").sign())
            .invalid("Token is missing a required claim");
        app.get("/token", &token().claim("token_use", "other").sign())
            .invalid("Token is missing a required claim");
    });
}

#[test]
fn roles_may_be_namespaced_by_the_domain_or_the_issuers_host() {
    jail(|jail| {
        let issuer = TestIssuer::offline("https://auth.example.test");
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        let namespaced = |host: &str| {
            let claim = |kind: &str| format!("https://{host}/claims/{kind}");
            issuer
                .token()
                .claim(claim("roles"), json!(["editor"]))
                .claim(claim("permissions"), "sample:create")
        };
        let passes = |app: &App, host: &str| {
            app.get("/role", &namespaced(host).sign()).passes("role");
            app.get("/permission", &namespaced(host).sign())
                .passes("permission");
        };
        let refuses = |app: &App, host: &str| {
            app.get("/role", &namespaced(host).sign()).insufficient();
            app.get("/permission", &namespaced(host).sign())
                .insufficient();
        };

        jail.set_env("AXIOMS_DOMAIN", "https://auth.example.test/");
        let app = app_with_keys_of(&issuer);
        passes(&app, "auth.example.test");
        refuses(&app, "other.example.test");
        // The plain claim comes first, and decides once it is there.
        app.get(
            "/role",
            &namespaced("auth.example.test").roles(["reader"]).sign(),
        )
        .insufficient();

        jail.set_env("AXIOMS_ISS_URL", "https://auth.example.test");
        jail.set_env("AXIOMS_DOMAIN", "brand.example.test");
        let app = app_with_keys_of(&issuer);
        passes(&app, "brand.example.test");
        refuses(&app, "auth.example.test");

        jail.set_env("AXIOMS_NAMESPACED_CLAIMS", "false");
        refuses(&app_with_keys_of(&issuer), "brand.example.test");
    });
}

#[test]
fn names_of_claims_are_exact_or_a_path_or_a_pointer() {
    jail(|jail| {
        let issuer = offline();
        jail.create_file(
            "Rocket.toml",
            &format!(
                r#"
                [default.axioms]
                audience = "{AUDIENCE}"
                domain = "issuer.example.test"
                scope_claims = ["app.scope", "scp"]
                roles_claims = ["resource_access.my-api.roles"]
                permissions_claims = ["/resource_access/my.api/a~1b"]
                "#
            ),
        )
        .unwrap();
        let app = app_with_keys_of(&issuer);
        let token = || issuer.token();
        app.get(
            "/scope",
            &token().claim("app", json!({ "scope": "openid" })).sign(),
        )
        .passes("scope");
        app.get("/scope", &token().claim("app.scope", "openid").sign())
            .passes("scope");
        app.get(
            "/scope",
            &token()
                .claim("app.scope", "other")
                .claim("app", json!({ "scope": "openid" }))
                .sign(),
        )
        .insufficient();
        app.get("/scope", &token().claim("scp", json!(["openid"])).sign())
            .passes("scope");
        app.get("/scope", &token().scope("openid").sign())
            .insufficient();
        let access = |api: &str, name: &str, value: &str| {
            token()
                .claim("resource_access", json!({ api: { name: [value] } }))
                .sign()
        };
        app.get("/role", &access("my-api", "roles", "editor"))
            .passes("role");
        app.get("/role", &access("other-api", "roles", "editor"))
            .insufficient();
        app.get("/permission", &access("my.api", "a/b", "sample:create"))
            .passes("permission");
        app.get("/permission", &access("my.api", "a", "sample:create"))
            .insufficient();
    });
}

#[test]
fn the_launch_says_what_opens_more_than_it_seems() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", issuer.url());
        let (_, log) = recorded_launch(rocket(AxiomsFairing::default()));
        assert!(!log.0.contains("WARN"), "{log:?}");
        jail.set_env("AXIOMS_SAFE_METHODS", "OPTIONS,GET,POST");
        jail.set_env("AXIOMS_ALLOW_HTTP", "true");
        let (_, log) = recorded_launch(rocket(AxiomsFairing::default()));
        let methods =
            "axioms: safe_methods has GET, POST: guards that only authorise pass without a token";
        assert_eq!(log.line("safe_methods"), ("WARN", methods));
        let http = "axioms: allow_http is on: on the way from an issuer, its keys can be replaced";
        assert_eq!(log.line("allow_http"), ("WARN", http));
    });
}

#[test]
fn with_jwks_url_alone_iss_is_not_checked_and_the_launch_says_so() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_JWKS_URL", issuer.jwks_url());
        let (app, log) = recorded_launch(rocket(AxiomsFairing::default()));
        let line = format!(
            "axioms: protected by access tokens of any issuer (audience {AUDIENCE}; 1 key, iss \
             NOT checked)"
        );
        assert_eq!(log.line("protected by").1, line);
        let warning = "axioms: the `iss` of tokens is not checked, and ownership needs it; set \
         iss_url to check it";
        assert_eq!(log.line("is not checked"), ("WARN", warning));
        for token in [
            full_token(&issuer),
            full_token(&issuer).issuer("acme.com"),
            full_token(&issuer).without("iss"),
        ] {
            app.get("/token", &token.sign()).passes("alice");
        }
        let forger = TestIssuer::start();
        app.get("/token", &full_token(&issuer).signed_by(&forger).sign())
            .invalid("Invalid token signature");
        assert_eq!(
            app.anonymous("/token").challenge,
            Some(format!("Bearer realm=\"{AUDIENCE}\""))
        );
        let asked: Vec<_> = issuer
            .requests()
            .into_iter()
            .map(|request| request.target)
            .collect();
        assert_eq!(asked, ["/.well-known/jwks.json"]);

        // Nor with keys from code alone.
        let given = Config {
            iss_url: None,
            ..config(&issuer)
        };
        let fairing = AxiomsFairing::from_config(given).with_keys(issuer.jwks());
        let (_, log) = recorded_launch(rocket(fairing));
        assert_eq!(log.line("is not checked"), ("WARN", warning));

        // With a name for the issuer, be it none that is a URL, it is checked.
        jail.set_env("AXIOMS_ISS_URL", "acme.com");
        let (app, log) = recorded_launch(rocket(AxiomsFairing::default()));
        assert_eq!(log.lines("checked"), [""; 0]);
        app.get("/token", &full_token(&issuer).issuer("acme.com").sign())
            .passes("alice");
        app.get("/token", &full_token(&issuer).sign())
            .invalid("Invalid token issuer");
    });
}

#[test]
fn keys_out_of_band_ask_no_network() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", issuer.url());
        let app = app_with_keys_of(&issuer);
        app.get("/token", &full_token(&issuer).sign())
            .passes("alice");
        issuer.rotate();
        app.get("/token", &full_token(&issuer).sign())
            .invalid("Unknown signing key");
        assert_eq!(issuer.requests(), []);

        for (keys, words) in [
            ("", "it is not an object (line 1, column 1)"),
            ("{}", "no list of objects in `keys`"),
            ("{\"keys\":[]}", "no usable key"),
            (
                r#"{"keys":[{"kty":"oct","kid":"s","k":"AAAA"}]}"#,
                "no usable key: key 0 with `kid` \"s\": symmetric key",
            ),
        ] {
            let message = does_not_start(rocket(AxiomsFairing::default().with_keys(keys)));
            assert_eq!(message, format!("AxiomsFairing::with_keys: {words}"));
        }
    });
}

#[test]
fn prefetch_decides_what_an_unreachable_issuer_does_to_the_launch() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        let token = full_token(&issuer).sign();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", issuer.url());
        let unavailable = |app: &App| {
            let answer = app.get("/token", &token);
            answer.refused(
                503,
                "temporarily_unavailable",
                "Signing keys are temporarily unavailable",
            );
            let wait: u64 = answer
                .retry_after
                .as_deref()
                .unwrap_or_default()
                .parse()
                .unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        };
        issuer.down();

        let (app, log) = recorded_launch(rocket(AxiomsFairing::default()));
        let (level, line) = log.line("could not be fetched");
        assert_eq!(level, "WARN");
        assert!(
            line.starts_with(&format!(
                "the keys of {} could not be fetched (",
                issuer.url()
            )),
            "{line}"
        );
        assert!(
            line.ends_with("): its tokens are answered 503 until they arrive"),
            "{line}"
        );
        assert!(log.line("protected by").1.ends_with("; 0 keys)"));
        assert_eq!(log.lines("signing keys"), [""; 0], "reported once");
        unavailable(&app);

        jail.set_env("AXIOMS_JWKS_PREFETCH", "require");
        let message = does_not_start(rocket(AxiomsFairing::default()));
        let start = format!(
            "the keys of {} could not be fetched, and jwks_prefetch is \"require\": ",
            issuer.url()
        );
        assert!(message.starts_with(&start), "{message}");
        assert!(
            !message.contains("signing keys"),
            "reported once: {message}"
        );

        let other = TestIssuer::start();
        other.down();
        jail.set_env(
            "AXIOMS_ISSUERS",
            format!("[{{iss_url=\"{}\"}}]", other.url()),
        );
        let (launched, log) = launch(rocket(AxiomsFairing::default()));
        let Err(error) = launched else {
            panic!("the application starts")
        };
        assert!(
            matches!(error.kind(), ErrorKind::FailedFairings(_)),
            "{error}"
        );
        for issuer in [&issuer, &other] {
            let start = format!(
                "the keys of {} could not be fetched, and jwks_prefetch is",
                issuer.url()
            );
            assert_eq!(log.line(&start).0, "ERROR");
        }
        jail.set_env("AXIOMS_ISSUERS", "[]");

        jail.set_env("AXIOMS_JWKS_PREFETCH", "false");
        issuer.up();
        let before = issuer.requests().len();
        let (app, log) = recorded_launch(rocket(AxiomsFairing::default()));
        assert!(log.line("protected by").1.ends_with("; 0 keys)"));
        assert_eq!(log.lines("could not"), [""; 0]);
        app.anonymous("/token").missing();
        app.get("/token", "not.a.token").invalid("Malformed token");
        assert_eq!(issuer.requests().len(), before);
        app.get("/token", &token).passes("alice");
        assert_eq!(issuer.requests().len(), before + 2);

        jail.set_env("AXIOMS_JWKS_PREFETCH", "require");
        default_app().get("/token", &token).passes("alice");
    });
}

#[test]
fn keys_are_found_where_the_issuer_says_or_by_convention() {
    jail(|jail| {
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        let asked = |jail: &mut Jail, issuer: &TestIssuer| {
            jail.set_env("AXIOMS_ISS_URL", issuer.url());
            default_app()
                .get("/token", &full_token(issuer).sign())
                .passes("alice");
            issuer
                .requests()
                .into_iter()
                .map(|request| request.target)
                .collect::<Vec<_>>()
        };
        let issuer = || TestIssuer::builder().path("/realms/shop/").start();
        let (openid, oauth, keys) = (
            "/realms/shop/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/realms/shop",
            "/realms/shop/.well-known/jwks.json",
        );

        assert_eq!(asked(jail, &issuer()), [openid, keys]);

        let without_openid = issuer();
        without_openid.answer_metadata_with(IssuerFault::NotFoundOpenId);
        let targets = asked(jail, &without_openid);
        assert_eq!(targets.len(), 3, "{targets:?}");
        assert_eq!(
            (
                targets[0].as_str(),
                targets[1].trim_end_matches('/'),
                targets[2].as_str()
            ),
            (openid, oauth, keys)
        );

        let without_metadata = issuer();
        without_metadata.answer_metadata_with(IssuerFault::NotFoundMetadata);
        assert_eq!(
            asked(jail, &without_metadata).last().map(String::as_str),
            Some(keys)
        );

        jail.set_env("AXIOMS_DISCOVERY", "false");
        assert_eq!(asked(jail, &issuer()), [keys]);
    });
}

#[test]
fn metadata_that_speaks_for_another_issuer_is_not_believed() {
    jail(|jail| {
        let issuer = TestIssuer::start();
        issuer.answer_metadata_with(IssuerFault::WrongIssuer);
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", issuer.url());
        jail.set_env("AXIOMS_JWKS_PREFETCH", "require");
        let message = does_not_start(rocket(AxiomsFairing::default()));
        assert!(
            message.contains(
                "it speaks for the issuer \"https://another-issuer.example.test\", expected is"
            ),
            "{message}"
        );
        assert!(
            !issuer
                .requests()
                .iter()
                .any(|request| request.target.ends_with("jwks.json"))
        );
    });
}

#[test]
fn safe_methods_are_the_operators_choice() {
    jail(|jail| {
        let issuer = offline();
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", ISSUER);
        app_with_keys_of(&issuer).anonymous("/scope").missing();
        jail.set_env("AXIOMS_SAFE_METHODS", "get,options");
        let app = app_with_keys_of(&issuer);
        app.anonymous("/scope").passes("scope");
        app.get("/scope", "not.a.token").passes("scope");
        app.anonymous("/token").missing();
        jail.set_env("AXIOMS_SAFE_METHODS", "[]");
        app_with_keys_of(&issuer).anonymous("/scope").missing();
    });
}

#[test]
fn numbers_and_flags_of_variables_reach_the_checks() {
    jail(|jail| {
        let issuer = offline_with([Alg::Es256, Alg::EdDsa]);
        jail.set_env("AXIOMS_AUDIENCE", AUDIENCE);
        jail.set_env("AXIOMS_ISS_URL", ISSUER);
        jail.set_env("AXIOMS_REQUIRE_TYP", "true");
        jail.set_env("AXIOMS_TOKEN_TYPS", "application/at+jwt");
        jail.set_env("AXIOMS_MAX_TOKEN_BYTES", "700");
        jail.set_env("AXIOMS_TOKEN_CACHE_CAPACITY", "0");
        jail.set_env("AXIOMS_REQUIRED_CLAIMS", "[\"tenant\"]");
        jail.set_env("AXIOMS_ALGORITHMS", "EdDSA");
        let app = app_with_keys_of(&issuer);
        let token = || {
            full_token(&issuer)
                .algorithm(Alg::EdDsa)
                .claim("tenant", "t")
        };
        app.get("/token", &token().sign()).passes("alice");
        app.get("/token", &token().sign()).passes("alice");
        app.get("/token", &token().typ("JWT").sign())
            .invalid("Invalid token type");
        app.get("/token", &token().without_header("typ").sign())
            .invalid("Invalid token type");
        app.get("/token", &token().without("tenant").sign())
            .invalid("Token is missing a required claim");
        app.get("/token", &token().algorithm(Alg::Es256).sign())
            .invalid("Unsupported algorithm");
        app.get("/token", &token().claim("padding", "x".repeat(700)).sign())
            .invalid("Malformed token");
    });
}

#[test]
fn the_files_at_the_root_show_what_they_say() {
    // `.env.example` and `Rocket.toml` set nothing; lines without their `#` work.
    jail(|jail| {
        let issuer = offline();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
        jail.create_file(".env", &read(".env.example")).unwrap();
        jail.create_file("Rocket.toml", &read("Rocket.toml"))
            .unwrap();
        let message = does_not_start(rocket(AxiomsFairing::default()));
        assert!(
            message.contains("nothing says whose tokens are accepted"),
            "{message}"
        );
        jail.create_file(
            "Rocket.toml",
            &read("Rocket.toml")
                .replace("#[default.axioms]", "[default.axioms]")
                .replace("#audience", "audience"),
        )
        .unwrap();
        jail.create_file(
            ".env",
            &read(".env.example").replace("#AXIOMS_ISS_URL", "AXIOMS_ISS_URL"),
        )
        .unwrap();
        let app = app_with_keys_of(&issuer);
        assert_eq!(
            app.call(Method::Get, "/token", &[]).challenge.as_deref(),
            Some("Bearer realm=\"https://auth.example.com\"")
        );
    });
}

#[test]
fn a_config_in_code_says_the_same() {
    jail(|_| {
        let issuer = TestIssuer::start();
        issuer.down();
        let required = Config {
            jwks_prefetch: JwksPrefetch::Require,
            ..config(&issuer)
        };
        let message = does_not_start(rocket(AxiomsFairing::from_config(required)));
        assert!(
            message.contains("jwks_prefetch is \"require\""),
            "{message}"
        );
        let remote = Config {
            iss_url: Some("http://auth.example.test".into()),
            ..config(&issuer)
        };
        assert_eq!(
            does_not_start(rocket(AxiomsFairing::from_config(remote))),
            lines([
                CANNOT_WORK,
                "  - iss_url (code (AxiomsFairing::from_config)): must begin with https://: plain \
                 http is for loopback hosts, and for others only with allow_http; an issuer of \
                 any other form needs jwks_url",
            ])
        );
    });
}

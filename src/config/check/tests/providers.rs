//! `provider`: the issuer that its parts make, and what is wrong with them.

use figment::Figment;
use figment::providers::{Format, Toml};
use serde_json::json;

use super::{problems, settings, texts};
use crate::claims::ClaimShape;
use crate::config::load::{Surroundings, load_in};
use crate::config::providers::{PRESETS, Preset};
use crate::config::{Config, IssuerConfig, IssuerSettings, KeyLocation, KeysGiven};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// Reads `toml` and the environment, and checks them.
fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Vec<IssuerSettings>, Vec<String>> {
    let text = format!("[default.axioms]\naudience = \"api\"\n{toml}");
    let sources = Figment::from(Toml::string(&text).nested());
    let variables = variables
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    let surroundings = Surroundings {
        directory: None,
        variables: variables.collect(),
    };
    let checked = load_in(&sources, surroundings).check(KeysGiven::No);
    let settings = checked.map(|settings| settings.issuers);
    settings.map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn issuer(toml: &str) -> IssuerSettings {
    let mut issuers = load(toml, &[]).unwrap_or_else(|problems| panic!("{toml}: {problems:?}"));
    issuers.remove(0)
}

fn refused(toml: &str) -> Vec<String> {
    load(toml, &[]).expect_err(toml)
}

#[test]
fn row_14_1_the_parts_make_the_issuer_in_its_exact_form() {
    for (toml, iss) in [
        (
            "provider = 'auth0'\ndomain = 'acme.eu.auth0.com'",
            "https://acme.eu.auth0.com/",
        ),
        (
            "provider = 'auth0'\ndomain = 'https://login.acme.com/'",
            "https://login.acme.com/",
        ),
        (
            "provider = 'cognito'\npool = 'eu-west-1_AbC'",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
        ),
        (
            "provider = 'cognito'\nregion = 'us-gov-west-1'\npool = 'us-gov-west-1_AbC'",
            "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbC",
        ),
        (
            "provider = 'okta'\ndomain = 'a.okta.com'",
            "https://a.okta.com/oauth2/default",
        ),
        (
            "provider = 'okta'\ndomain = 'a.okta.com'\nauthorization_server = 'aus1A'",
            "https://a.okta.com/oauth2/aus1A",
        ),
        (
            &format!("provider = 'azure'\ntenant = '{TENANT}'"),
            &format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        ),
        (
            &format!(
                "provider = 'entra'\ndomain = 'login.microsoftonline.us'\ntenant = '{TENANT}'"
            ),
            &format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
        ),
        (
            &format!("provider = 'entra-v1'\ntenant = '{TENANT}'"),
            &format!("https://sts.windows.net/{TENANT}/"),
        ),
        (
            "provider = 'keycloak'\ndomain = 'kc.acme.com:8443'\nrealm = 'Demo.eu'",
            "https://kc.acme.com:8443/realms/Demo.eu",
        ),
        (
            &format!("provider = 'pingone'\ndomain = 'auth.pingone.eu'\ntenant = '{TENANT}'"),
            &format!("https://auth.pingone.eu/{TENANT}/as"),
        ),
        (
            "provider = 'pingam'\ndomain = 'am.acme.com'",
            "https://am.acme.com:443/am/oauth2",
        ),
        (
            "provider = 'pingam'\ndomain = 'am.acme.com'\nrealm = 'alpha'",
            "https://am.acme.com:443/am/oauth2/realms/root/realms/alpha",
        ),
        (
            "provider = 'asgardeo'\ndomain = 'api.asgardeo.io'\ntenant = 'acme'",
            "https://api.asgardeo.io/t/acme/oauth2/token",
        ),
        (
            "provider = 'logto'\ndomain = 'id.acme.com'",
            "https://id.acme.com/oidc",
        ),
        (
            "provider = 'supabase'\nproject = 'abc'",
            "https://abc.supabase.co/auth/v1",
        ),
        (
            "provider = 'ory'\ndomain = 'hydra.acme.com'",
            "https://hydra.acme.com/",
        ),
        (
            "provider = 'github-actions'\ndomain = 'ghe.acme.com'",
            "https://ghe.acme.com/_services/token",
        ),
        ("provider = 'gitlab-ci'", "https://gitlab.com"),
        // An issuer that is written whole is above the preset.
        (
            "provider = 'keycloak'\niss_url = 'https://kc.acme.com/auth/realms/a'",
            "https://kc.acme.com/auth/realms/a",
        ),
    ] {
        assert_eq!(issuer(toml).issuer.as_deref(), Some(iss), "{toml}");
    }
}

#[test]
fn row_14_1_keys_are_located_where_there_is_no_metadata() {
    for (toml, url) in [
        (
            format!("provider = 'entra-v1'\ntenant = '{TENANT}'"),
            format!("https://login.microsoftonline.com/{TENANT}/discovery/keys"),
        ),
        (
            "provider = 'fusionauth'\niss_url = 'acme.com'\ndomain = 'id.acme.com'".into(),
            "https://id.acme.com/.well-known/jwks.json".into(),
        ),
        (
            "provider = 'iap'".into(),
            "https://www.gstatic.com/iap/verify/public_key-jwk".into(),
        ),
        (
            "provider = 'iap'\njwks_url = 'https://keys.acme.com/'".into(),
            "https://keys.acme.com/".into(),
        ),
    ] {
        let at = KeyLocation::At(url.parse().unwrap());
        assert_eq!(issuer(&toml).location, at, "{toml}");
    }
    let discovered = issuer("provider = 'auth0'\ndomain = 'acme.eu.auth0.com'").location;
    let metadata = "https://acme.eu.auth0.com/".parse().unwrap();
    assert_eq!(discovered, KeyLocation::Discover(metadata));
}

#[test]
fn within_a_cluster_keys_are_fetched_with_the_token_of_the_pod() {
    let pod = "provider = 'kubernetes'\njwks_prefetch = false";
    let within = issuer(pod);
    let iss = "https://kubernetes.default.svc.cluster.local";
    assert_eq!(within.issuer.as_deref(), Some(iss));
    let keys = "https://kubernetes.default.svc/openid/v1/jwks";
    assert_eq!(within.location, KeyLocation::At(keys.parse().unwrap()));
    assert!(within.bearer.is_some());
    // Without the file the launch ends; another issuer publishes its keys.
    let [missing] = &refused("provider = 'kubernetes'")[..] else {
        panic!()
    };
    assert!(
        missing.starts_with("jwks_bearer_file (not set): "),
        "{missing}"
    );
    let managed = issuer("provider = 'kubernetes'\niss_url = 'https://oidc.eks.example.com/id/A'");
    assert!(managed.bearer.is_none());
    let metadata = "https://oidc.eks.example.com/id/A".parse().unwrap();
    assert_eq!(managed.location, KeyLocation::Discover(metadata));
    let given = issuer("provider = 'kubernetes'\njwks_url = 'https://keys.example.com/'");
    assert!(given.bearer.is_none());
}

#[test]
fn the_tenants_of_a_preset_make_a_template_with_shared_keys() {
    let entra = issuer("provider = 'entra'\ntenants = ['acme', 'globex']");
    let iss = "https://login.microsoftonline.com/{tenant}/v2.0";
    assert_eq!(entra.issuer.as_deref(), Some(iss));
    let keys = "https://login.microsoftonline.com/common/discovery/v2.0/keys";
    assert_eq!(entra.location, KeyLocation::At(keys.parse().unwrap()));
    let template = entra.template.expect("a template");
    assert_eq!(template.tenant_claim.as_deref(), Some("tid"));
    // The operator's own claim, and a template that is written whole.
    let toml = format!("provider = 'entra'\niss_url = '{iss}'\ntenants = '*'");
    let written = issuer(&format!("{toml}\ntenant_claim = 'dir'"));
    assert_eq!(written.location, KeyLocation::At(keys.parse().unwrap()));
    let claim = written.template.expect("a template").tenant_claim;
    assert_eq!(claim.as_deref(), Some("dir"));
    // One tenant is no template, and other products do not share their keys.
    let one = format!("provider = 'entra'\ntenant = '{TENANT}'\ntenants = ['acme']");
    assert!(refused(&one)[0].starts_with("tenants (TOML source string): is for an iss_url"));
    let other = refused("provider = 'pingone'\ntenants = ['acme']");
    assert!(
        other[0].starts_with("tenant (not set): is required"),
        "{other:?}"
    );
}

#[test]
fn row_14_1_a_hostile_part_is_a_launch_error_of_its_key_and_source() {
    let segment = "must be one segment of a path: letters, digits, `-`, `_`, `~`, and `.` within";
    for hostile in [
        "../x",
        "a/b",
        "a%2fb",
        "a b",
        "a?b",
        "a#b",
        "a@b",
        "ä",
        "a\\b",
        ".",
        "..",
        "a.",
        ".a",
        "a:b",
        "a;b",
        "{realm}",
        "$X",
        "<realm>",
        "a\u{200b}",
    ] {
        let toml = "provider = 'keycloak'\ndomain = 'kc.acme.com'";
        let expected = [format!(
            "realm (environment variable AXIOMS_REALM): {segment}"
        )];
        let variables = [("AXIOMS_REALM", hostile)];
        assert_eq!(load(toml, &variables).unwrap_err(), expected, "{hostile}");
    }
    let at = "TOML source string";
    for (toml, problem) in [
        (
            "provider = 'entra'\ntenant = 'a/b'".to_owned(),
            format!("tenant ({at}): must be an id such as {TENANT}"),
        ),
        (
            "provider = 'entra'\ntenant = 'common'".into(),
            format!("tenant ({at}): must be an id such as {TENANT}"),
        ),
        (
            format!("provider = 'entra'\ntenant = '{}'", TENANT.to_uppercase()),
            format!("tenant ({at}): must be in lower case: `iss` is compared exactly"),
        ),
        (
            "provider = 'supabase'\nproject = 'Abc'".into(),
            format!("project ({at}): must be in lower case: `iss` is compared exactly"),
        ),
        (
            "provider = 'supabase'\nproject = 'a.evil.example/'".into(),
            format!(
                "project ({at}): must be one label of a host name: letters, digits and `-` within"
            ),
        ),
        (
            "provider = 'auth0'\ndomain = 'ACME.auth0.com'".into(),
            format!("domain ({at}): must be in lower case: `iss` is compared exactly"),
        ),
        (
            "provider = 'auth0'\ndomain = 'acme.auth0.com.'".into(),
            format!("domain ({at}): must be a host name in ASCII, without a dot at the end"),
        ),
        (
            "provider = 'auth0'\ndomain = 'bücher.example'".into(),
            format!("domain ({at}): must be a host name in ASCII, without a dot at the end"),
        ),
        (
            "provider = 'auth0'\ndomain = 'user@acme.auth0.com'".into(),
            format!("domain ({at}): must be a host alone, without user information"),
        ),
        (
            "provider = 'auth0'\ndomain = 'acme.auth0.com?x'".into(),
            format!("domain ({at}): must be a host alone, without a query"),
        ),
        (
            "provider = 'cognito'\npool = 'eu-west-1'".into(),
            format!("pool ({at}): must be the id of a user pool such as eu-west-1_AbCd12345"),
        ),
        (
            "provider = 'cognito'\npool = 'evil.example/eu-west-1_A'".into(),
            format!("pool ({at}): must be the id of a user pool such as eu-west-1_AbCd12345"),
        ),
        (
            "provider = 'cognito'\npool = 'eu-west-1_A'\nregion = 'eu-west-2'".into(),
            format!("pool ({at}): is of another region than the one of `region`"),
        ),
        (
            "provider = 'cognito'\npool = 'eu-west-1_A'\nregion = 'eu.evil.example/'".into(),
            format!("region ({at}): must be a region such as eu-west-1"),
        ),
        (
            "[[default.axioms.issuers]]\nprovider = 'keycloak'\ndomain = 'a.b'\nrealm = '../x'"
                .into(),
            format!("issuers[0].realm ({at}): {segment}"),
        ),
    ] {
        assert_eq!(refused(&toml), [problem], "{toml}");
    }
}

#[test]
fn row_14_1_a_part_that_the_provider_does_not_have_is_a_launch_error() {
    let at = "TOML source string";
    let alone = "is a part of the issuer of some providers, and nothing without `provider`; set \
                 that, or write the whole issuer as iss_url";
    for (toml, problem) in [
        (
            "domain = 'a.b'\ntenant = 'x'".to_owned(),
            format!("tenant ({at}): {alone}"),
        ),
        (
            "domain = 'a.b'\n[[default.axioms.issuers]]\ndomain = 'c.d'\nrealm = 'x'".into(),
            format!("issuers[0].realm ({at}): {alone}"),
        ),
        (
            "provider = 'auth0'\ndomain = 'a.b'\ntenant = 'x'".into(),
            format!(
                "tenant ({at}): is no part of the issuer of `auth0`, which is \
                 `https://<domain>/`; leave it out"
            ),
        ),
        (
            "provider = 'google'\ndomain = 'a.b'".into(),
            format!(
                "domain ({at}): is no part of the issuer of `google`, which is \
                 `https://accounts.google.com`; leave it out"
            ),
        ),
        (
            "provider = 'supabase'\nproject = 'a'\ndomain = 'a.b'".into(),
            format!(
                "domain ({at}): is no part of the issuer of `supabase`, which is \
                 `https://<project>.supabase.co/auth/v1`; leave it out"
            ),
        ),
        (
            "provider = 'auth0'\niss_url = 'https://a.b/'\npool = 'x'".into(),
            format!("pool ({at}): is no part of the issuer of `auth0`; leave it out"),
        ),
    ] {
        assert_eq!(refused(&toml), [problem], "{toml}");
    }
    // A provider of a higher source replaces the one of which the file has parts.
    let toml = "provider = 'supabase'\nproject = 'abc'";
    let variables = [
        ("AXIOMS_PROVIDER", "auth0"),
        ("AXIOMS_DOMAIN", "acme.auth0.com"),
    ];
    let issuers = load(toml, &variables).unwrap();
    assert_eq!(
        issuers[0].issuer.as_deref(),
        Some("https://acme.auth0.com/")
    );
    // The realm of the challenge is no part.
    issuer("provider = 'auth0'\ndomain = 'a.b'\nrealm = 'Orders & more'");
}

#[test]
fn row_14_2_a_part_that_is_missing_is_named() {
    let problem = |key: &str, message: &str| vec![format!("{key} (not set): {message}")];
    for (toml, expected) in [
        (
            "provider = 'auth0'",
            problem(
                "domain",
                "is required: the issuer of `auth0` is `https://<domain>/`",
            ),
        ),
        (
            "provider = 'keycloak'\ndomain = 'kc.acme.com'",
            problem(
                "realm",
                "is required: the issuer of `keycloak` is `https://<domain>/realms/<realm>`",
            ),
        ),
        (
            "provider = 'supabase'",
            problem(
                "project",
                "is required: the issuer of `supabase` is \
                 `https://<project>.supabase.co/auth/v1` or `https://<domain>/auth/v1`",
            ),
        ),
        (
            "provider = 'cognito'\nregion = 'eu-west-1'",
            problem(
                "pool",
                "is required: the issuer of `cognito` is \
                 `https://cognito-idp.<region>.amazonaws.com/<pool>`",
            ),
        ),
        (
            "provider = 'fusionauth'\ndomain = 'id.acme.com'",
            problem(
                "iss_url",
                "is required: `fusionauth` has no issuer of a known form",
            ),
        ),
        (
            "provider = 'fusionauth'\niss_url = 'https://acme.com'",
            problem(
                "domain",
                "is required: the keys of `fusionauth` are at \
                 `https://<domain>/.well-known/jwks.json`",
            ),
        ),
        (
            "provider = 'spiffe'\njwks_url = 'https://spire.acme.com/keys'",
            problem(
                "trust_domain",
                "is required: tokens of `spiffe` are told by the trust domain of their `sub`",
            ),
        ),
        (
            "provider = 'spiffe'\ntrust_domain = 'example.org'",
            problem(
                "domain",
                "is required: the issuer of `spiffe` is `https://<domain>`",
            ),
        ),
    ] {
        assert_eq!(refused(toml), expected, "{toml}");
    }
    assert_eq!(
        refused("provider = 'keycloak'").len(),
        2,
        "`domain` and `realm`"
    );
    let entry = "domain = 'a.b'\n[[default.axioms.issuers]]\nprovider = 'auth0'";
    let [only] = &refused(entry)[..] else {
        panic!()
    };
    assert!(
        only.starts_with("issuers[0].domain (TOML source string): is required: "),
        "{only}"
    );
    // Tokens of SPIFFE may have no `iss`.
    let spiffe = issuer(
        "provider = 'spiffe'\ntrust_domain = 'example.org'\n\
         jwks_url = 'https://spire.acme.com/keys'",
    );
    assert_eq!(spiffe.issuer, None);
}

#[test]
fn row_14_6_an_unknown_provider_is_a_launch_error_with_the_nearest() {
    for (name, nearest) in [
        ("auth", "auth0"),
        ("Keycloak", "keycloak"),
        ("azuread", "azure"),
        ("github", "github-actions"),
        ("gitlab", "gitlab-ci"),
        ("cloudflare", "cloudflare-access"),
    ] {
        assert_eq!(
            refused(&format!("provider = '{name}'\ndomain = 'a.b'")),
            [format!(
                "provider (TOML source string): is not a provider that has settings; the nearest \
                 is `{nearest}`"
            )]
        );
    }
}

#[test]
fn a_preset_is_below_everything_that_the_operator_sets() {
    let with = |toml: &str| issuer(&format!("provider = 'zitadel'\ndomain = 'a.b'\n{toml}"));
    let preset = with("");
    assert_eq!(preset.roles_claims[0], "urn:zitadel:iam:org:project:roles");
    assert_eq!(preset.roles_shape, ClaimShape::Keys);
    assert_eq!(preset.required_claims, ["jti"]);
    assert_eq!(preset.scope_claims, ["scope", "scp"], "the crate's default");
    // Also by the value that is the default without a preset.
    let own = with("roles_claims = 'roles'\nroles_shape = 'list'\nrequired_claims = []");
    assert_eq!(own.roles_claims[0], "roles");
    assert_eq!(own.roles_shape, ClaimShape::List);
    assert_eq!(own.required_claims, [""; 0]);
    // Dex: a preset may turn on what a source can turn off.
    assert!(issuer("provider = 'dex'\ndomain = 'a.b'").accept_id_tokens);
    assert!(!issuer("provider = 'dex'\ndomain = 'a.b'\naccept_id_tokens = false").accept_id_tokens);
    // Tables are merged, and the operator's entry is above that of the same name.
    let merged = issuer("provider = 'cognito'\npool = 'eu-west-1_A'\nexpected_claims = {a = 'b'}");
    let expected = [
        ("a".to_owned(), vec![json!("b")]),
        ("token_use".into(), vec![json!("access")]),
    ];
    assert_eq!(merged.expected_claims, expected);
    let replaced = "provider = 'cognito'\npool = 'eu-west-1_A'\nexpected_claims.token_use = 'x'";
    assert_eq!(
        issuer(replaced).expected_claims,
        [("token_use".to_owned(), vec![json!("x")])]
    );
}

#[test]
fn entries_have_presets_of_their_own_below_what_they_inherit() {
    let toml = "provider = 'logto'\ntenant = 'a'\nalgorithms = ['ES384']\n\
                [[default.axioms.issuers]]\nprovider = 'keycloak'\ndomain = 'a.b'\nrealm = 'c'\n\
                [[default.axioms.issuers]]\ndomain = 'd.e'";
    let issuers = load(toml, &[]).unwrap();
    let [logto, keycloak, other] = &issuers[..] else {
        panic!()
    };
    assert_eq!(
        (&logto.token_typs[..], logto.require_typ),
        (&["at+jwt".to_owned()][..], true)
    );
    for entry in [keycloak, other] {
        assert_eq!(
            entry.token_typs,
            ["jwt", "at+jwt"],
            "not the other preset's"
        );
        assert_eq!(
            entry.algorithms, logto.algorithms,
            "what was written is inherited"
        );
    }
    assert_eq!(keycloak.roles_claims[0], "realm_access.roles");
    assert_eq!(other.roles_claims[0], "roles");
    let same = "iss_url = 'https://a.b/'\n[[default.axioms.issuers]]\nprovider = 'auth0'\n\
                domain = 'a.b'";
    assert_eq!(
        refused(same),
        ["issuers[0].provider (TOML source string): is the same issuer as that of the top level"]
    );
}

#[test]
fn a_preset_works_in_code() {
    let config = Config {
        audience: texts(&["api"]),
        provider: Some("keycloak".into()),
        domain: Some("kc.acme.com".into()),
        realm: Some("demo".into()),
        ..Config::default()
    };
    let checked = settings(&config);
    assert_eq!(
        checked.issuers[0].issuer.as_deref(),
        Some("https://kc.acme.com/realms/demo")
    );
    assert_eq!(checked.issuers[0].roles_claims[0], "realm_access.roles");
    assert_eq!(checked.realm, "demo");
    let other = Config {
        provider: Some("kc".into()),
        issuers: vec![IssuerConfig {
            provider: Some("oktaa".into()),
            ..IssuerConfig::default()
        }],
        ..config
    };
    assert_eq!(problems(&other).len(), 2);
}

#[test]
fn each_preset_and_alias_is_found_once_and_its_settings_hold() {
    let names: Vec<_> = PRESETS.iter().flat_map(Preset::names).collect();
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len());
    for name in names {
        let preset = Preset::find(name).unwrap();
        assert!(preset.names().any(|known| known == name));
        let entry = IssuerConfig {
            iss_url: Some("https://auth.example.com".into()),
            ..preset.settings()
        };
        let config = Config {
            audience: texts(&["api"]),
            issuers: vec![entry],
            ..Config::default()
        };
        settings(&config);
    }
}

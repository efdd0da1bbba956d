//! Templates: `{tenant}` in `iss_url`.

use super::{good, problems, problems_with, settings, spoilt, texts};
use crate::config::{Config, IssuerConfig, IssuersElsewhere, KeyLocation, KeysGiven};

const ENTRA: &str = "https://login.microsoftonline.com/{tenant}/v2.0";
const KEYS: &str = "https://login.microsoftonline.com/common/discovery/v2.0/keys";

fn template(iss_url: &str, tenants: &[&str]) -> Config {
    Config {
        iss_url: Some(iss_url.into()),
        jwks_url: Some(KEYS.into()),
        tenants: Some(texts(tenants)),
        ..good()
    }
}

#[test]
fn a_template_needs_tenants_and_keys() {
    let settings = settings(&template(ENTRA, &["b", "a", "b"]));
    let issuer = &settings.issuers[0];
    assert_eq!(issuer.location, KeyLocation::At(KEYS.parse().unwrap()));
    let template = issuer.template.as_ref().unwrap();
    assert_eq!(template.tenants.as_deref(), Some(&texts(&["a", "b"])[..]));
    assert_eq!(settings.realm, "api");
    assert_eq!(
        issuer.roles_claims.last().map(String::as_str),
        Some("https://login.microsoftonline.com/claims/roles")
    );

    let bare = Config {
        iss_url: Some(ENTRA.into()),
        ..good()
    };
    assert_eq!(
        problems(&bare),
        [
            "tenants: is required with `{tenant}` in iss_url: the tenants whose tokens are \
             accepted, or [\"*\"] for every one",
            "jwks_url: is required with `{tenant}` in iss_url: no token may choose where its keys \
             are fetched from",
        ]
    );
    let given = Config {
        tenants: Some(texts(&["*"])),
        ..bare
    };
    let fairing_keys = super::check(
        &given,
        &super::Origins::code(),
        KeysGiven::Yes,
        IssuersElsewhere::No,
    );
    assert_eq!(
        fairing_keys.unwrap().issuers[0].location,
        KeyLocation::Given
    );
    assert_eq!(problems_with(&given, KeysGiven::No).len(), 1);
}

#[test]
fn a_label_of_the_host_names_no_claims() {
    let settings = settings(&template("https://{tenant}.auth.example.com", &["*"]));
    assert_eq!(settings.issuers[0].roles_claims, ["roles"]);
    assert!(
        settings.issuers[0]
            .template
            .as_ref()
            .unwrap()
            .tenants
            .is_none()
    );
}

#[test]
fn other_shapes_of_a_template_are_refused() {
    const WHOLE: &str =
        "must have `{tenant}` as a whole path segment, or as a whole label before a domain";
    const OTHER: &str = "holds a placeholder that was not filled in (braces or angle brackets)";
    for (iss_url, fault) in [
        (
            "https://{tenant}.example.com/{tenant}",
            "holds `{tenant}` more than once: one segment tells the tenants apart",
        ),
        ("https://a.example.com/t-{tenant}/x", WHOLE),
        ("https://a.example.com/{tenant}x", WHOLE),
        ("https://x{tenant}.example.com/", WHOLE),
        ("https://{tenant}", WHOLE),
        ("https://{tenant}:8443/", WHOLE),
        ("https://auth.{tenant}/", WHOLE),
        ("https://a.example.com/{tenant}/{realm}", OTHER),
        ("https://a.example.com/{tenant}/<realm>", OTHER),
        ("https://a.example.com/{tenant}/%7Bx%7D", OTHER),
        (
            "https://a.example.com/x?tenant={tenant}",
            "must not hold a query",
        ),
        (
            "https://a.example.com/#{tenant}",
            "must not hold a fragment",
        ),
        (
            "https://{tenant}@a.example.com/",
            "must not hold user information",
        ),
        ("{tenant}", "is not a URL that begins with https://"),
        ("acme/{tenant}", "is not a URL that begins with https://"),
    ] {
        assert_eq!(
            problems(&template(iss_url, &["*"])),
            [format!("iss_url: {fault}")],
            "{iss_url}"
        );
    }
    // Placeholders of other names were none before either.
    for iss_url in [
        "https://login.example.com/{tenantid}/v2.0",
        "https://login.example.com/{Tenant}/v2.0",
        "https://login.example.com/%7Btenant%7D/v2.0",
    ] {
        assert_eq!(
            spoilt(|c| c.iss_url = Some(iss_url.into())),
            [format!("iss_url: {OTHER}")]
        );
    }
    let metadata = "https://login.microsoftonline.com/{tenant}/.well-known/openid-configuration";
    let problems = problems(&template(metadata, &["*"]));
    assert!(
        problems[0].starts_with("iss_url: is the address of a document")
            && problems[0].contains("https://login.microsoftonline.com/{tenant}"),
        "{problems:?}"
    );
}

#[test]
fn tenants_are_segments() {
    for (tenants, faults) in [
        (
            &[][..],
            &["must not be empty: no token could be accepted"][..],
        ),
        (
            &["*", "a"],
            &["`*` means every tenant: leave the others out"],
        ),
        (
            &["a/b", "", "ok"],
            &[
                "`a/b` is not a tenant's name: ASCII letters, digits and hyphens",
                "`` is not a tenant's name: ASCII letters, digits and hyphens",
            ],
        ),
        (
            &["{tenant}"],
            &["`{tenant}` is not a tenant's name: ASCII letters, digits and hyphens"],
        ),
    ] {
        let expected: Vec<_> = faults
            .iter()
            .map(|fault| format!("tenants: {fault}"))
            .collect();
        assert_eq!(problems(&template(ENTRA, tenants)), expected);
    }
    assert_eq!(
        spoilt(|c| c.tenants = Some(texts(&["a"]))),
        ["tenants: is for an iss_url with `{tenant}` in it, where each tenant's name is"]
    );
    assert_eq!(
        spoilt(|c| c.tenant_claim = Some("tid".into())),
        ["tenant_claim: is for an iss_url with `{tenant}` in it, where each tenant's name is"]
    );
    let mut claim = template(ENTRA, &["*"]);
    claim.tenant_claim = Some(String::new());
    assert_eq!(
        problems(&claim),
        ["tenant_claim: entry 1 must not be empty"]
    );
}

#[test]
fn a_tenant_with_the_name_of_another_issuer_is_refused() {
    let mut config = template(ENTRA, &["a", "staff"]);
    config.issuers = vec![IssuerConfig {
        name: Some("staff".into()),
        iss_url: Some("https://staff.example.com".into()),
        ..IssuerConfig::default()
    }];
    assert_eq!(
        problems(&config),
        ["tenants: has `staff`, which is also the name of issuers[0]"]
    );
}

#[test]
fn where_every_tenant_is_accepted_the_names_of_other_issuers_are_none() {
    let mut config = template(ENTRA, &["*"]);
    config.issuers = vec![IssuerConfig {
        name: Some("staff".into()),
        iss_url: Some("https://staff.example.com".into()),
        ..IssuerConfig::default()
    }];
    let settings = settings(&config);
    let template = settings.issuers[0].template.as_ref().unwrap();
    assert_eq!(template.reserved, ["staff"]);
}

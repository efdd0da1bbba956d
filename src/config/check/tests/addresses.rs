//! Hosts and URLs, and the locations of keys that they give.

use super::{ISSUER, good, of, problems, settings, spoilt};
use crate::config::{Config, KeyLocation};

#[test]
fn a_domain_is_shorthand_for_an_https_issuer() {
    for domain in [
        "auth.example.com",
        "https://auth.example.com",
        "HTTP://auth.example.com/",
        "auth.example.com/",
    ] {
        let settings = settings(&Config {
            iss_url: None,
            domain: Some(domain.into()),
            ..good()
        });
        assert_eq!(
            settings.issuers[0].issuer.as_deref(),
            Some(ISSUER),
            "{domain}"
        );
        assert_eq!(
            settings.issuers[0].location,
            KeyLocation::Discover(ISSUER.parse().unwrap()),
            "{domain}"
        );
    }
    let port = settings(&Config {
        iss_url: None,
        domain: Some("localhost:8443".into()),
        ..good()
    });
    assert_eq!(
        port.issuers[0].issuer.as_deref(),
        Some("https://localhost:8443")
    );
}

#[test]
fn a_domain_is_a_host_alone() {
    for (domain, fault) in [
        ("", "must not be empty"),
        ("https://", "must not be empty"),
        (
            "a.example.com/tenant",
            "must be a host alone, without a path; use iss_url for an issuer with one",
        ),
        (
            "a.example.com//",
            "must be a host alone, without a path; use iss_url for an issuer with one",
        ),
        (
            "ftp://a.example.com",
            "must be a host alone, without a path; use iss_url for an issuer with one",
        ),
        ("a.example.com?x", "must be a host alone, without a query"),
        ("a.example.com#x", "must be a host alone, without a query"),
        (
            "user:pass@a.example.com",
            "must be a host alone, without user information",
        ),
        ("a example.com", "must not hold blanks"),
        (" a.example.com", "must not hold blanks"),
        ("a.example.com:port", "is not a host"),
        ("[::1", "is not a host"),
    ] {
        assert_eq!(
            spoilt(|c| c.domain = Some(domain.into())),
            [format!("domain: {fault}")],
            "{domain}"
        );
    }
}

#[test]
fn an_issuer_is_kept_exactly_as_it_is_written() {
    for issuer in [
        "https://AUTH.example.com",
        "https://auth.example.com/",
        "https://auth.example.com/a/../b",
    ] {
        assert_eq!(
            of(|c| c.iss_url = Some(issuer.into())).issuers[0]
                .issuer
                .as_deref(),
            Some(issuer)
        );
    }
}

#[test]
fn an_issuer_that_is_not_a_url_needs_jwks_url() {
    assert_eq!(
        spoilt(|c| c.iss_url = Some("acme.com".into())),
        [
            "iss_url: is not a URL that begins with https://; an issuer of any other form needs \
             jwks_url"
        ]
    );
    assert_eq!(
        spoilt(|c| c.iss_url = Some("urn:acme".into())),
        [
            "iss_url: is not a URL that begins with https://; an issuer of any other form needs \
             jwks_url"
        ]
    );
    for issuer in [
        "acme.com",
        "urn:acme",
        "http://adfs.example.com/trust",
        "https://a.example.com?x=1",
    ] {
        let settings = of(|c| {
            c.iss_url = Some(issuer.into());
            c.jwks_url = Some("https://keys.example.com/jwks".into());
        });
        assert_eq!(settings.issuers[0].issuer.as_deref(), Some(issuer));
        assert_eq!(
            settings.issuers[0].location,
            KeyLocation::At("https://keys.example.com/jwks".parse().unwrap()),
            "{issuer} is a name and nothing is asked of it"
        );
    }
    assert_eq!(
        problems(&Config {
            jwks_url: Some("https://k".into()),
            iss_url: Some(String::new()),
            ..good()
        }),
        ["iss_url: must not be empty"]
    );
}

#[test]
fn plain_http_is_for_loopback_hosts_and_for_others_only_with_allow_http() {
    let refused = "must begin with https://: plain http is for loopback hosts, and for others \
     only with allow_http";
    for host in [
        "localhost",
        "localhost:8080",
        "127.0.0.1",
        "127.9.9.9:1",
        "[::1]:8080",
    ] {
        of(|c| c.iss_url = Some(format!("http://{host}")));
        of(|c| c.jwks_url = Some(format!("http://{host}/jwks")));
    }
    for host in [
        "auth.example.com",
        "localhost.example.com",
        "10.0.0.1",
        "[::2]",
        "0.0.0.0",
        "127.0.0.1.example.com",
    ] {
        assert_eq!(
            spoilt(|c| c.iss_url = Some(format!("http://{host}"))),
            [format!(
                "iss_url: {refused}; an issuer of any other form needs jwks_url"
            )],
            "{host}"
        );
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(format!("http://{host}/jwks"))),
            [format!("jwks_url: {refused}")]
        );
        of(|c| (c.iss_url, c.allow_http) = (Some(format!("http://{host}")), true));
        of(|c| (c.jwks_url, c.allow_http) = (Some(format!("http://{host}/jwks")), true));
    }
}

#[test]
fn a_url_holds_nothing_that_it_should_not_and_is_never_repeated() {
    for (url, fault) in [
        ("", "is not a URL that begins with https://"),
        (
            "keys.example.com/jwks",
            "is not a URL that begins with https://",
        ),
        ("file:///etc/jwks", "is not a URL that begins with https://"),
        (
            "https:keys.example.com",
            "is not a URL that begins with https://",
        ),
        ("https://", "is not a URL"),
        (
            "https://user@keys.example.com",
            "must not hold user information",
        ),
        (
            "https://:hunter2@keys.example.com",
            "must not hold user information",
        ),
        ("https://keys.example.com/#a", "must not hold a fragment"),
        (
            " https://keys.example.com",
            "is not a URL: it holds blanks or backslashes",
        ),
        (
            "https://keys.example.com/a b",
            "is not a URL: it holds blanks or backslashes",
        ),
        (
            "https:\\\\keys.example.com",
            "is not a URL: it holds blanks or backslashes",
        ),
    ] {
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(url.into())),
            [format!("jwks_url: {fault}")],
            "{url}"
        );
    }
    of(|c| c.jwks_url = Some("https://keys.example.com/jwks?v=1".into()));
    assert_eq!(
        spoilt(|c| c.iss_url = Some("https://auth.example.com/?v=1".into())),
        ["iss_url: must not hold a query; an issuer of any other form needs jwks_url"]
    );
}

#[test]
fn without_discovery_the_keys_are_at_the_conventional_path() {
    let settings = of(|c| c.discovery = false);
    assert_eq!(
        settings.issuers[0].location,
        KeyLocation::Conventional(ISSUER.parse().unwrap())
    );
}

#[test]
fn with_jwks_url_alone_the_issuer_is_not_checked_and_names_no_claims() {
    let settings =
        of(|c| (c.iss_url, c.jwks_url) = (None, Some("https://keys.example.com/".into())));
    assert_eq!(settings.issuers[0].issuer, None);
    assert_eq!(settings.issuers[0].roles_claims, ["roles"]);
    assert_eq!(settings.realm, "api");
}

#[test]
fn an_address_to_which_no_request_can_be_made_is_refused() {
    let braces = "holds a placeholder that was not filled in (braces or angle brackets)";
    let variable = "holds a variable that was not filled in (`$`)";
    let marks = "holds a placeholder that was not filled in (`@…@` or `*`)";
    let quotes = "holds a quotation mark or another character that a URL may not hold";
    let empty = "has a host name with an empty label (two dots, or one at the start)";
    let hyphen = "has a host name with a label that begins or ends with a hyphen";
    let character = "has a host name with a character that host names may not hold";
    let long = "a".repeat(64);
    let very_long = vec!["a".repeat(60); 5].join(".");
    let hosts = [
        ("{yourOktaDomain}", braces),
        ("<tenant>.example.com", braces),
        ("{{host}}", braces),
        ("$AUTH_HOST", variable),
        ("${AUTH_HOST}", variable),
        ("$(hostname)", variable),
        ("\"auth.example.com\"", quotes),
        ("auth`example.com", quotes),
        ("\u{201c}auth.example.com\u{201d}", quotes),
        ("'auth.example.com'", character),
        ("a*b.example.com", character),
        ("a,b.example.com", character),
        ("a..example.com", empty),
        (".example.com", empty),
        ("auth.example.com..", empty),
        ("-auth.example.com", hyphen),
        ("auth-.example.com", hyphen),
        (
            long.as_str(),
            "has a host name with a label of more than 63 characters",
        ),
        (
            very_long.as_str(),
            "has a host name of more than 253 characters",
        ),
        (
            "auth.example.com:0",
            "has port 0, to which no request can be made",
        ),
    ];
    for (host, fault) in hosts {
        assert_eq!(
            spoilt(|c| c.domain = Some(host.into())),
            [format!("domain: {fault}")]
        );
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(format!("https://{host}/keys"))),
            [format!("jwks_url: {fault}")]
        );
        let problems = spoilt(|c| c.iss_url = Some(format!("https://{host}/t")));
        assert_eq!(problems.len(), 1);
        let problem = format!("iss_url: {fault}");
        assert!(problems[0].starts_with(&problem), "{host}: {problems:?}");
    }
    for (path, fault) in [
        ("/{realm}", braces),
        ("/realms/<realm>", braces),
        ("/realms/$REALM", variable),
        ("/realms/\"a\"", quotes),
        ("/%7Btenant%7D", braces),
        ("/%3ctenant%3E/", braces),
        ("/%24%7BREALM%7D", variable),
        ("/%24REALM", variable),
        ("/realms/$", variable),
        ("/$/x", variable),
        ("/realms/\u{2018}a\u{2019}", quotes),
        ("/realms/\u{201c}a\u{201d}", quotes),
        ("/realms/%22a%22", quotes),
        ("/realms/[a]", quotes),
        ("/realms/%REALM%", quotes),
        ("/@REALM@/", marks),
        ("/realms/*", marks),
    ] {
        let url = format!("https://auth.example.com{path}");
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(url.clone())),
            [format!("jwks_url: {fault}")]
        );
        // Nor has a token such an `iss`, wherever the keys are.
        let problems = spoilt(|c| {
            c.iss_url = Some(url.clone());
            c.jwks_url = Some("https://auth.example.com/keys".into());
        });
        assert_eq!(problems, [format!("iss_url: {fault}")]);
    }
    assert_eq!(
        spoilt(|c| c.jwks_url = Some("https://https://auth.example.com/keys".into())),
        ["jwks_url: holds its scheme twice"]
    );
}

#[test]
fn unusual_hosts_to_which_requests_can_be_made_are_accepted() {
    for host in [
        "keycloak",
        "auth_server:8443",
        "a--b.example.com",
        "xn--bcher-kva.example",
        "b\u{fc}cher.example",
        "auth.example.com.",
        "192.0.2.1",
        "[2001:db8::1]:8443",
        "1and1.example.com",
        "AUTH.example.com",
    ] {
        of(|c| c.iss_url = Some(format!("https://{host}/a$5~b'(c),d;e=f@g:h!i*j&k+l")));
        of(|c| c.jwks_url = Some(format!("https://{host}/keys?p=b2c_1_signin&x=%7Ba%7D")));
        of(|c| (c.iss_url, c.domain) = (None, Some(host.into())));
    }
}

#[test]
fn the_address_of_metadata_is_not_an_issuer_and_what_to_write_is_said() {
    let words = "iss_url: is the address of a document, not the issuer; write what `issuer` is in \
     that document";
    for (url, meant) in [
        (
            "https://a.example.com/.well-known/openid-configuration",
            "https://a.example.com",
        ),
        (
            "https://a.example.com/realms/x/.well-known/openid-configuration",
            "https://a.example.com/realms/x",
        ),
        (
            "https://a.example.com/.well-known/oauth-authorization-server/realms/x",
            "https://a.example.com/realms/x",
        ),
        (
            "https://a.example.com/.well-known/jwks.json",
            "https://a.example.com",
        ),
        (
            "https://a.example.com/t/.Well-Known/OpenID-Configuration",
            "https://a.example.com/t",
        ),
        (
            "https://a.example.com/%2ewell-known/openid-configuration",
            "https://a.example.com",
        ),
        (
            "https://a.example.com/.well-known%2Fopenid-configuration",
            "https://a.example.com",
        ),
        ("https://a.example.com/.well-known", "https://a.example.com"),
        (
            "https://a.example.com/.well-known?v=1",
            "https://a.example.com",
        ),
    ] {
        let expected = format!("{words}: `{meant}` or `{meant}/`");
        assert_eq!(
            spoilt(|c| c.iss_url = Some(url.into())),
            std::slice::from_ref(&expected)
        );
        let beside = spoilt(|c| {
            c.iss_url = Some(url.into());
            c.jwks_url = Some("https://a.example.com/keys".into());
        });
        assert_eq!(beside, [expected]);
    }
    // A password is not repeated.
    let secret = "https://u:hunter2@a.example.com/.well-known/jwks.json";
    assert_eq!(spoilt(|c| c.iss_url = Some(secret.into())), [words]);
    for document in [
        "a/.well-known/openid-configuration",
        ".well-known/oauth-authorization-server/a",
        ".Well-Known/OpenID-Configuration",
        "%2ewell-known/openid-configuration",
        ".well-known%2Fopenid-configuration",
        ".well-known",
    ] {
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(format!("https://a.example.com/{document}"))),
            [
                "jwks_url: is the address of the issuer's metadata, not of its keys; set iss_url \
                 and leave jwks_url out"
            ]
        );
    }
}

#[test]
fn the_shared_addresses_of_entra_name_no_tenant() {
    let words = |id: &str| {
        format!(
            "iss_url: names no single tenant: a token's `iss` holds the tenant's id; write \
             `https://login.microsoftonline.com/{id}/v2.0`, and for further tenants \
             `{{tenant}}` and the setting tenants, or one entry of issuers each"
        )
    };
    for (tenant, id) in [
        ("common", "<tenant id>"),
        ("organizations", "<tenant id>"),
        ("{tenantid}", "<tenant id>"),
        ("$TENANT", "<tenant id>"),
        ("contoso.onmicrosoft.com", "<tenant id>"),
        ("Common", "<tenant id>"),
        ("ORGANIZATIONS", "<tenant id>"),
        ("tenantid", "<tenant id>"),
        ("your-tenant-id", "<tenant id>"),
        ("TENANT_ID", "<tenant id>"),
        ("%7Btenantid%7D", "<tenant id>"),
        ("", "<tenant id>"),
        ("tfp", "<tenant id>"),
        ("72f988bf86f141af91ab2d7cd011db47", "<tenant id>"),
        ("72f988bf-86f1-41af-91ab-2d7cd011db4g", "<tenant id>"),
        ("Consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
        ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
    ] {
        let url = format!("https://login.microsoftonline.com/{tenant}/v2.0");
        assert_eq!(spoilt(|c| c.iss_url = Some(url)), [words(id)], "{tenant}");
    }
    for end in ["", "/", "/v2.0", "//v2.0"] {
        let url = format!("https://login.microsoftonline.com{end}");
        assert_eq!(
            spoilt(|c| c.iss_url = Some(url)),
            [words("<tenant id>")],
            "{end}"
        );
    }
    const ID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    for host in [
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "sts.windows.net",
        "login.windows.net",
        "login.microsoft.com",
        "STS.windows.net",
    ] {
        let problems = spoilt(|c| c.iss_url = Some(format!("https://{host}/common/")));
        assert_eq!(problems.len(), 1, "{host}");
        assert!(
            problems[0].starts_with("iss_url: names no single tenant"),
            "{problems:?}"
        );
        // Wherever the keys are.
        let beside = spoilt(|c| {
            c.iss_url = Some(format!("https://{host}/common/"));
            c.jwks_url = Some("https://login.microsoftonline.com/common/discovery/keys".into());
        });
        assert_eq!(beside, problems);
        for path in [
            format!("{ID}/"),
            format!("{}/v2.0", ID.to_ascii_uppercase()),
        ] {
            of(|c| c.iss_url = Some(format!("https://{host}/{path}")));
        }
    }
    of(|c| {
        c.iss_url = Some(format!(
            "https://login.microsoftonline.com/tfp/{ID}/b2c_1_in/v2.0/"
        ));
    });
    let ends = "and for further tenants `{tenant}` and the setting tenants, or one entry of \
                issuers each";
    assert_eq!(
        spoilt(|c| c.iss_url = Some("https://sts.windows.net/common/".into())),
        [format!(
            "iss_url: names no single tenant: a token's `iss` holds the tenant's id; write \
             `https://sts.windows.net/<tenant id>/`, {ends}"
        )]
    );
    assert_eq!(
        spoilt(|c| (c.iss_url, c.domain) = (None, Some("login.microsoftonline.com".into()))),
        [format!(
            "domain: names no single tenant: a token's `iss` holds the tenant's id; leave domain \
             out and set iss_url to `https://login.microsoftonline.com/<tenant id>/v2.0`, {ends}"
        )]
    );
    // Beside iss_url a domain only names claims.
    of(|c| c.domain = Some("login.microsoftonline.com".into()));
    of(|c| c.iss_url = Some("https://auth.example.com/common/v2.0".into()));
    of(|c| c.iss_url = Some("https://contoso.b2clogin.com/tenantid/v2.0/".into()));
}

#[test]
fn a_host_that_is_read_as_another_one_is_refused() {
    let another = "has a host that is read as another one; write it in its plain form";
    let address = "has an address to which no request can be made (multicast or reserved)";
    for (host, fault) in [
        ("auth\u{ad}.example.com", another),
        ("auth\u{3002}example.com", another),
        ("auth\u{200b}.example.com", another),
        ("\u{ff41}uth.example.com", another),
        ("bu\u{308}cher.example", another),
        ("auth%2eexample.com", another),
        ("192.0.513", another),
        ("0xC0000201", another),
        ("255.255.255.255", address),
        ("224.0.0.1", address),
        ("[ff02::1]", address),
        ("[::ffff:239.0.0.1]", address),
    ] {
        assert_eq!(
            spoilt(|c| c.domain = Some(host.into())),
            [format!("domain: {fault}")]
        );
        let url = format!("https://{host}/keys");
        assert_eq!(
            spoilt(|c| c.jwks_url = Some(url.clone())),
            [format!("jwks_url: {fault}")]
        );
        assert_eq!(
            spoilt(|c| c.iss_url = Some(url.clone())),
            [format!(
                "iss_url: {fault}; an issuer of any other form needs jwks_url"
            )]
        );
    }
    assert_eq!(
        spoilt(|c| c.jwks_url = Some("https:///auth.example.com/keys".into())),
        ["jwks_url: has no host after `//`"]
    );
    for host in [
        "B\u{dc}CHER.example",
        "stra\u{df}e.example",
        "[2001:db8:0:0::1]",
        "0.0.0.0",
    ] {
        of(|c| c.jwks_url = Some(format!("https://{host}:8443/keys")));
    }
}

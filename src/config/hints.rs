//! Unknown settings: the key that was probably meant.

use super::keys::{Key, Keys, Kind, find};

/// Names by which other programs call a setting, the key here, and its meaning.
const MEANT: &[(&str, &str, &str)] = &[
    (
        "id uri url resource resource_id resource_identifier",
        "identifier",
        "the URL of this API as clients know it",
    ),
    (
        "resource_documentation documentation_url docs docs_url",
        "documentation",
        "the URL of a page for developers",
    ),
    (
        "resource_policy_uri policy_uri policy_url privacy",
        "policy",
        "the URL of a page about the use of the data",
    ),
    (
        "resource_tos_uri tos_uri tos_url terms terms_of_service",
        "tos",
        "the URL of the terms of service",
    ),
    (
        "scope scopes_supported",
        "scopes",
        "names beside those that the routes ask for",
    ),
    (
        "issuer issuers authorization_server servers iss_url",
        "authorization_servers",
        "the issuers of which clients may get a token",
    ),
    (
        "aud audiences api api_audience api_identifier identifier resource_id resource_server \
         app_id_uri",
        "audience",
        "the name of this API in the `aud` of tokens",
    ),
    (
        "client client_id clientid app_id application_id",
        "audience",
        "the name of this API in the `aud` of tokens: an API has no client id of its own",
    ),
    (
        "iss issuer issuer_url issuer_uri issuer_base_url authority oidc_issuer oidc_url idp \
         idp_url auth_url auth_server auth_server_url server server_url tenant_url instance \
         base_url url realm_url metadata metadata_uri metadata_address well_known \
         well_known_url wellknown wellknown_url discovery_url openid_configuration \
         openid_config_url",
        "iss_url",
        "the `iss` of tokens, from which metadata and keys are found",
    ),
    (
        "jwks_path keys_file key_file jwk_file keys_path jwks_json",
        "jwks_file",
        "a file with the issuer's keys, a JWK set",
    ),
    (
        "preset vendor product provider_name",
        "provider",
        "the product that issues the tokens",
    ),
    (
        "tenant_id directory directory_id environment environment_id env_id",
        "tenant",
        "the part of the issuer for a `provider` that has one",
    ),
    (
        "user_pool user_pool_id pool_id userpool",
        "pool",
        "the id of the user pool, for the `provider` cognito",
    ),
    (
        "aws_region",
        "region",
        "the region, for the `provider` cognito",
    ),
    (
        "project_id project_ref",
        "project",
        "the project, for a `provider` that has one",
    ),
    (
        "authorization_server_id as_id",
        "authorization_server",
        "the id of the authorization server, for the `provider` okta",
    ),
    (
        "slug application_slug",
        "application",
        "the application, for a `provider` whose applications are issuers",
    ),
    (
        "role_shape roles_format",
        "roles_shape",
        "the form of the claim that holds roles",
    ),
    (
        "host hostname auth_domain auth0_domain okta_domain",
        "domain",
        "the host of the issuer",
    ),
    (
        "jwks jwks_uri jwk_url jwk_uri jwk_set_url jwk_set_uri jwks_endpoint keys keys_url certs \
         certs_url",
        "jwks_url",
        "the address of the issuer's keys; with iss_url or domain they are found without it",
    ),
    (
        "scope scopes required_scope required_scopes",
        "scope_claims",
        "the claims that hold scopes; a route's own are declared with `scopes!`",
    ),
    (
        "role roles required_roles roles_claim groups",
        "roles_claims",
        "the claims that hold roles; a route's own are declared with `roles!`",
    ),
    (
        "permission permissions required_permissions",
        "permissions_claims",
        "the claims that hold permissions; a route's own are declared with `permissions!`",
    ),
    (
        "alg algs algorithm jwt_algorithm signing_algorithm signature_algorithms",
        "algorithms",
        "the accepted signature algorithms",
    ),
    (
        "clock_skew skew tolerance clock_tolerance jwt_leeway",
        "leeway",
        "seconds by which clocks may differ",
    ),
    (
        "typ typs token_typ token_type token_types",
        "token_typs",
        "the accepted `typ` of the token's header",
    ),
    (
        "cache_ttl jwks_ttl jwks_cache jwks_cache_duration cache_duration",
        "jwks_cache_ttl",
        "seconds for which keys may be used without a refresh",
    ),
    (
        "cache_size cache_capacity token_cache token_cache_size",
        "token_cache_capacity",
        "verified tokens that are kept",
    ),
    (
        "timeout request_timeout connect_timeout",
        "http_timeout",
        "seconds for a whole fetch",
    ),
    (
        "ca ca_bundle ca_cert ca_file cafile ssl_cert_file",
        "http_ca_bundle",
        "a file of further trusted root certificates",
    ),
    (
        "max_age token_max_age",
        "max_token_age",
        "seconds after `iat` at which a token is refused",
    ),
];

/// Names of secrets and key files, which an API that checks signatures does not need.
const NEEDLESS: &str = "client_secret secret secret_key jwt_secret jwt_key public_key private_key \
                        signing_key cert";

/// Tables of chapters that this version does not have.
const LATER: &str = "dpop mtls redis login";

/// Returns the message for a key that is none of `keys`.
pub(super) fn unknown(keys: Keys, name: &str) -> String {
    let is_meant = |(names, key, _): &&(&str, &str, &str)| {
        has(names, name)
            || (*key == "iss_url" && name.contains("issuer") && !name.ends_with("issuers"))
            || (*key == "leeway" && is_clock_skew(name))
    };
    let mut known = MEANT.iter().filter(|(_, key, _)| find(keys, key).is_some());
    let table_of = |key: &&Key| match key.kind {
        Kind::Table(table) => name
            .strip_prefix(key.name)
            .and_then(|rest| find(table.keys, rest.strip_prefix('_')?)),
        _ => None,
    };
    let is_later = |table: &&str| {
        name.strip_prefix(*table)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    if let Some((table, key)) = keys
        .iter()
        .find_map(|table| Some((table, table_of(&table)?)))
    {
        format!(
            "is not a setting; it is `{}` in the table `{}`",
            key.name, table.name
        )
    } else if let Some((_, key, meaning)) = known.find(is_meant) {
        format!("is not a setting; the nearest one is `{key}`: {meaning}")
    } else if let Some(table) = LATER.split(' ').find(is_later) {
        format!("belongs to the table `{table}`, which this version does not have yet")
    } else if has(NEEDLESS, name) && find(keys, "iss_url").is_some() {
        "is not a setting, and not needed: tokens are checked with the issuer's public keys, which \
         are found from `iss_url`"
            .to_owned()
    } else {
        let nearest = nearest(keys.iter().map(|key| key.name), name);
        format!("is not a setting; the nearest one is `{nearest}`")
    }
}

/// Returns `true` for `clock_skew` and `clockskew`, with any unit.
fn is_clock_skew(name: &str) -> bool {
    name.replace('_', "").contains("clockskew")
}

/// Returns `true` if `name` is one of `names`.
fn has(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

/// Returns the name that is the fewest changes away from `name`.
pub(super) fn nearest<'a>(names: impl IntoIterator<Item = &'a str>, name: &str) -> &'a str {
    names
        .into_iter()
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .unwrap_or_default()
}

/// Returns what to do about a table whose feature is not compiled in.
pub(super) fn not_compiled(feature: &str) -> String {
    format!(
        "needs the feature `{feature}`; write `axioms-rocket = {{ version = \"{}\", features = \
         [\"{feature}\"] }}` in Cargo.toml",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use super::super::keys::{ISSUER_KEYS, KEYS, find, kind};
    use super::super::tables::RESOURCE;
    use super::{LATER, MEANT, NEEDLESS, unknown};

    #[test]
    fn the_key_that_was_meant_is_named() {
        for (name, key) in [
            ("leway", "leeway"),
            ("issuer_url", "iss_url"),
            ("scopes_claim", "scope_claims"),
            ("audiences", "audience"),
            ("aud", "audience"),
            ("client_id", "audience"),
            ("issuer", "iss_url"),
            ("iss", "iss_url"),
            ("authority", "iss_url"),
            ("jwks_uri", "jwks_url"),
            ("resource_id", "audience"),
            ("scopes", "scope_claims"),
            ("role", "roles_claims"),
            ("clock_skew", "leeway"),
            ("clock_skew_seconds", "leeway"),
            ("clockskew", "leeway"),
            ("jwt_clock_skew", "leeway"),
            ("jwt_issuer", "iss_url"),
            ("oauth_issuer", "iss_url"),
            ("issuer_host", "iss_url"),
            ("metadata_address", "iss_url"),
            ("wellknown", "iss_url"),
            ("cache_size", "token_cache_capacity"),
            ("token_cache", "token_cache_capacity"),
        ] {
            let message = unknown(KEYS, name);
            let start = format!("is not a setting; the nearest one is `{key}`");
            assert!(message.starts_with(&start), "{name}: {message}");
        }
        assert!(unknown(ISSUER_KEYS, "issuer").contains("`iss_url`"));
        // An issuer has no leeway of its own.
        assert!(!unknown(ISSUER_KEYS, "clock_skew").contains("`leeway`"));
    }

    #[test]
    fn a_key_of_a_table_is_led_there() {
        assert_eq!(
            unknown(KEYS, "resource_name"),
            "is not a setting; it is `name` in the table `resource`"
        );
        for (name, key) in [
            ("resource", "identifier"),
            ("tos_uri", "tos"),
            ("issuers", "authorization_servers"),
            ("identifer", "identifier"),
        ] {
            let message = unknown(RESOURCE.keys, name);
            let start = format!("is not a setting; the nearest one is `{key}`");
            assert!(message.starts_with(&start), "{name}: {message}");
        }
        // At the top level this is the audience, as before.
        assert!(unknown(KEYS, "resource_id").contains("`audience`"));
    }

    #[test]
    fn secrets_are_not_needed_and_later_tables_are_named() {
        assert!(unknown(KEYS, "client_secret").starts_with("is not a setting, and not needed"));
        for name in ["dpop", "dpop_mode"] {
            assert_eq!(
                unknown(KEYS, name),
                "belongs to the table `dpop`, which this version does not have yet"
            );
        }
        assert_eq!(
            unknown(KEYS, "introspection_client_id"),
            "is not a setting; it is `client_id` in the table `introspection`"
        );
        assert!(unknown(KEYS, "resources").starts_with("is not a setting; the nearest one is `"));
    }

    #[test]
    fn no_hint_hides_a_key_and_each_leads_to_one() {
        for name in NEEDLESS.split(' ').chain(LATER.split(' ')) {
            assert_eq!(kind(KEYS, name), None, "{name} is a setting");
        }
        for (names, key, _) in MEANT {
            let table = [KEYS, RESOURCE.keys]
                .into_iter()
                .find(|keys| find(keys, key).is_some());
            let keys = table.unwrap_or_else(|| panic!("{key} is no setting"));
            for name in names.split(' ') {
                assert_eq!(kind(keys, name), None, "{name} is a setting");
            }
        }
    }
}

//! Settings that have no effect because of another one, usually of a lower source.

use super::check::KeysGiven;
use super::fields::{Config, IssuerConfig};
use super::origins::Origins;
use super::prefetch::JwksPrefetch;
use super::providers::{PARTS, Preset, placeholders};
use super::tables::RESOURCE;

/// Returns a warning for each setting that does not do what it seems to.
///
/// Sources are compared, so that a pair that was written in one place on purpose is not warned of.
pub(super) fn warnings(config: &Config, origins: &Origins, keys: KeysGiven) -> Vec<String> {
    let is_above = |key: &str, other: &str| {
        let ranks = origins.rank(key).zip(origins.rank(other));
        ranks.is_some_and(|(rank, other)| rank > other)
    };
    let named = |key: &str| format!("{key} ({})", origins.of(key));
    let mut warnings = Vec::new();
    if is_above("domain", "iss_url") {
        warnings.push(format!(
            "{} does not change the issuer: {} does, and domain only names the namespaced claims",
            named("domain"),
            named("iss_url")
        ));
    }
    for key in ["iss_url", "domain"] {
        for location in ["jwks_url", "jwks_file", "metadata_url"] {
            if is_above(key, location) {
                warnings.push(format!(
                    "{} does not change where the keys are fetched: {} does",
                    named(key),
                    named(location)
                ));
            }
        }
    }
    let is_set = |key: &str| origins.rank(key).is_some();
    let located = match (&config.jwks_url, &config.jwks_file) {
        (Some(_), _) => Some("jwks_url"),
        (None, Some(_)) => Some("jwks_file"),
        (None, None) => None,
    };
    let has_first = config.issuers.is_empty()
        || config.domain.is_some()
        || config.provider.is_some()
        || config.iss_url.is_some()
        || config.jwks_url.is_some()
        || config.jwks_file.is_some();
    if keys == KeysGiven::Yes {
        let key = if has_first {
            "jwks_url"
        } else {
            "issuers[0].jwks_url"
        };
        if is_set(key) {
            warnings.push(format!(
                "{} has no effect: with_keys gives the keys of that issuer",
                named(key)
            ));
        }
    }
    if is_set("discovery") && config.discovery && has_first {
        if keys == KeysGiven::Yes {
            warnings.push(format!(
                "{} has no effect on the first issuer: with_keys gives its keys",
                named("discovery")
            ));
        } else if let Some(key) = located {
            warnings.push(format!(
                "{} has no effect on the first issuer: {} says where its keys are",
                named("discovery"),
                named(key)
            ));
        }
    }
    let first = has_first.then_some(located.is_some());
    let rest = config.issuers.iter();
    let rest = rest.map(|issuer| issuer.jwks_url.is_some() || issuer.jwks_file.is_some());
    if is_set("discovery")
        && !config.discovery
        && !config.issuers.is_empty()
        && first
            .into_iter()
            .chain(rest)
            .enumerate()
            .all(|(at, is_located)| is_located || (keys == KeysGiven::Yes && at == 0))
    {
        warnings.push(format!(
            "{} has no effect: the keys of each issuer are located without it",
            named("discovery")
        ));
    }
    let is_alone = config.issuers.len() == usize::from(!has_first);
    if is_set("jwks_prefetch")
        && config.jwks_prefetch == JwksPrefetch::Require
        && keys == KeysGiven::Yes
        && is_alone
    {
        warnings.push(format!(
            "{} has no effect: with_keys gives the keys of the only issuer",
            named("jwks_prefetch")
        ));
    }
    if is_set("accept_id_tokens") && config.accept_id_tokens && !has_first {
        warnings.push(format!(
            "{} has no effect: there is no issuer at the top level, and the entries of {} do not \
             inherit it",
            named("accept_id_tokens"),
            named("issuers")
        ));
    }

    let top = IssuerConfig::top_level(config, is_set);
    warnings.extend(of_provider("", &top, &top, origins));
    for (at, entry) in config.issuers.iter().enumerate() {
        let place = format!("issuers[{at}].");
        warnings.extend(of_provider(&place, entry, &top, origins));
    }

    if config.resource.identifier.is_none() && config.public_url.is_none() {
        for key in RESOURCE.keys {
            let key = format!("resource.{}", key.name);
            if is_set(&key) {
                warnings.push(format!(
                    "{} has no effect: without resource.identifier or public_url no metadata are \
                     served",
                    named(&key)
                ));
            }
        }
    }

    // Settings for entries of `issuers` that all have their own.
    if let Some((first, rest)) = config.issuers.split_first()
        && !has_first
    {
        let everywhere = first.overrides().filter(|key| {
            rest.iter()
                .all(|issuer| issuer.overrides().any(|own| own == *key))
        });
        for key in everywhere.filter(|key| is_set(key)) {
            warnings.push(format!(
                "{} has no effect: each entry of {} has its own",
                named(key),
                named("issuers")
            ));
        }
    }
    warnings
}

/// Returns a warning for each part of the issuer that is not used, and for claims that the preset
/// requires no longer. `place` is prepended to each key of `entry`.
fn of_provider(
    place: &str,
    entry: &IssuerConfig,
    top: &IssuerConfig,
    origins: &Origins,
) -> Vec<String> {
    let Some(Ok(preset)) = entry.provider.as_deref().map(Preset::find) else {
        return Vec::new();
    };
    let named = |place: &str, key: &str| {
        let key = format!("{place}{key}");
        format!("{key} ({})", origins.of(&key))
    };
    let name = preset.name;
    let of_keys = preset.jwks_url.filter(|_| entry.jwks_url.is_none());
    let is_used = |key: &str| of_keys.is_some_and(|keys| placeholders(keys).any(|it| it == key));
    let is_of_challenge = |key: &str| key == "realm" && place.is_empty();
    let parts = PARTS
        .into_iter()
        .filter(|key| entry.part(key).is_some() && !is_of_challenge(key));
    let mut warnings = Vec::new();
    for key in parts {
        if !preset.has_part(key) {
            warnings.push(format!(
                "{} has no effect: {}, {name}, has no such part",
                named(place, key),
                named(place, "provider")
            ));
        } else if entry.iss_url.is_some() && !is_used(key) {
            warnings.push(format!(
                "{} has no effect: {} says the issuer",
                named(place, key),
                named(place, "iss_url")
            ));
        }
    }
    let (from, required) = match (&entry.required_claims, &top.required_claims) {
        (Some(own), _) => (place, own),
        (None, Some(inherited)) => ("", inherited),
        (None, None) => return warnings,
    };
    let is_listed = |claim: &&str| required.iter().any(|listed| listed == claim);
    for claim in preset
        .required_claims
        .iter()
        .filter(|claim| !is_listed(claim))
    {
        warnings.push(format!(
            "{} replaces the claims that {name} requires: without `{claim}` other tokens of it may \
             pass; list it too",
            named(from, "required_claims")
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::super::load::{Surroundings, load_in};
    use super::{KeysGiven, warnings};

    fn of<const N: usize>(toml: &str, variables: [(&str, &str); N]) -> Vec<String> {
        of_keys(KeysGiven::No, toml, variables)
    }

    fn of_keys<const N: usize>(
        keys: KeysGiven,
        toml: &str,
        variables: [(&str, &str); N],
    ) -> Vec<String> {
        let sources = Figment::from(Toml::string(toml).nested());
        let surroundings = Surroundings {
            directory: None,
            variables: variables
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
        };
        let loaded = load_in(&sources, surroundings);
        assert_eq!(loaded.problems, []);
        warnings(&loaded.config, &loaded.origins, keys)
    }

    const TOML: &str = "TOML source string";

    #[test]
    fn a_domain_above_another_sources_issuer_is_warned_of() {
        let toml = "[default.axioms]\niss_url = \"https://a.example.com\"";
        assert_eq!(
            of(toml, [("AXIOMS_DOMAIN", "b.example.com")]),
            [format!(
                "domain (environment variable AXIOMS_DOMAIN) does not change the issuer: iss_url \
                 ({TOML}) does, and domain only names the namespaced claims"
            )]
        );
        // An issuer above a domain, and both in one place, do what they seem to.
        let domain = "[default.axioms]\ndomain = \"b.example.com\"";
        let issuer = ("AXIOMS_ISS_URL", "https://a.example.com");
        assert_eq!(of(domain, [issuer]), [""; 0]);
        let both = [("AXIOMS_DOMAIN", "b.example.com"), issuer];
        assert_eq!(of("", both), [""; 0]);
        // Profiles are sources too.
        let profiles = format!("{toml}\n[global.axioms]\ndomain = \"b.example.com\"");
        assert_eq!(of(&profiles, []).len(), 1);
    }

    #[test]
    fn an_issuer_whose_keys_another_source_locates_is_warned_of() {
        let toml = "[default.axioms]\njwks_url = \"https://a.example.com/keys\"";
        assert_eq!(
            of(toml, [("AXIOMS_ISS_URL", "https://b.example.com")]),
            [format!(
                "iss_url (environment variable AXIOMS_ISS_URL) does not change where the keys are \
                 fetched: jwks_url ({TOML}) does"
            )]
        );
    }

    #[test]
    fn discovery_beside_jwks_url_is_warned_of() {
        let toml = "[default.axioms]\njwks_url = \"https://a.example.com/keys\"";
        assert_eq!(
            of(toml, [("AXIOMS_DISCOVERY", "true")]),
            [format!(
                "discovery (environment variable AXIOMS_DISCOVERY) has no effect on the first \
                 issuer: jwks_url ({TOML}) says where its keys are"
            )]
        );
        assert_eq!(of(toml, [("AXIOMS_DISCOVERY", "false")]), [""; 0]);
        assert_eq!(of(toml, []), [""; 0]);
    }

    #[test]
    fn a_setting_that_every_issuer_has_itself_is_warned_of() {
        let toml = "[[default.axioms.issuers]]\ndomain = \"a.example.com\"\naudience = \"a\"\n\
                    [[default.axioms.issuers]]\ndomain = \"b.example.com\"\naudience = \"b\"\n\
                    scope_claims = \"s\"";
        let variables = [("AXIOMS_AUDIENCE", "c"), ("AXIOMS_SCOPE_CLAIMS", "x")];
        assert_eq!(
            of(toml, variables),
            [format!(
                "audience (environment variable AXIOMS_AUDIENCE) has no effect: each entry of \
                 issuers ({TOML}) has its own"
            )]
        );
        let first = [
            ("AXIOMS_AUDIENCE", "c"),
            ("AXIOMS_ISS_URL", "https://c.example.com"),
        ];
        assert_eq!(of(toml, first), [""; 0]);
    }

    #[test]
    fn settings_of_keys_beside_with_keys_are_warned_of() {
        let toml = "[default.axioms]\niss_url = \"https://a.example.com\"";
        let jwks_url = ("AXIOMS_JWKS_URL", "https://a.example.com/keys");
        let jwks_words = "jwks_url (environment variable AXIOMS_JWKS_URL) has no effect: with_keys \
                          gives the keys of that issuer";
        let given = |variables: [(&str, &str); 2]| of_keys(KeysGiven::Yes, toml, variables);
        assert_eq!(given([jwks_url, ("AXIOMS_LEEWAY", "3")]), [jwks_words]);
        assert_eq!(
            given([jwks_url, ("AXIOMS_DISCOVERY", "true")]),
            [
                jwks_words,
                "discovery (environment variable AXIOMS_DISCOVERY) has no effect on the first \
                 issuer: with_keys gives its keys"
            ]
        );
        let require = [("AXIOMS_JWKS_PREFETCH", "require")];
        assert_eq!(
            of_keys(KeysGiven::Yes, toml, require),
            [
                "jwks_prefetch (environment variable AXIOMS_JWKS_PREFETCH) has no effect: \
                 with_keys gives the keys of the only issuer"
            ]
        );
        assert_eq!(of(toml, require), [""; 0]);
        // It concerns the keys of the second issuer.
        let two = format!("{toml}\n[[default.axioms.issuers]]\ndomain = \"b.example.com\"");
        assert_eq!(of_keys(KeysGiven::Yes, &two, require), [""; 0]);
        // Without an issuer at the top level the keys are of the first entry.
        let entry = "[[default.axioms.issuers]]\ndomain = \"b.example.com\"\n\
                     jwks_url = \"https://b.example.com/keys\"";
        assert_eq!(
            of_keys(KeysGiven::Yes, entry, []),
            [format!(
                "issuers[0].jwks_url ({TOML}) has no effect: with_keys gives the keys of that \
                 issuer"
            )]
        );
    }

    #[test]
    fn metadata_without_an_identifier_are_warned_of() {
        let name = ("AXIOMS_RESOURCE_NAME", "Orders");
        assert_eq!(
            of("", [name]),
            [
                "resource.name (environment variable AXIOMS_RESOURCE_NAME) has no effect: without \
              resource.identifier or public_url no metadata are served"
            ]
        );
        for identifier in ["AXIOMS_RESOURCE_IDENTIFIER", "AXIOMS_PUBLIC_URL"] {
            let identifier = (identifier, "https://api.example.com");
            assert_eq!(of("", [name, identifier]), [""; 0]);
        }
    }

    #[test]
    fn accept_id_tokens_without_a_top_level_issuer_is_warned_of() {
        let toml = "[[default.axioms.issuers]]\ndomain = \"a.example.com\"";
        let accept = ("AXIOMS_ACCEPT_ID_TOKENS", "true");
        assert_eq!(
            of(toml, [accept]),
            [format!(
                "accept_id_tokens (environment variable AXIOMS_ACCEPT_ID_TOKENS) has no effect: \
                 there is no issuer at the top level, and the entries of issuers ({TOML}) do not \
                 inherit it"
            )]
        );
        assert_eq!(
            of(toml, [accept, ("AXIOMS_DOMAIN", "b.example.com")]),
            [""; 0]
        );
        assert_eq!(of(toml, [("AXIOMS_ACCEPT_ID_TOKENS", "false")]), [""; 0]);
    }

    #[test]
    fn discovery_off_where_each_issuer_has_its_jwks_url_is_warned_of() {
        let located = "[[default.axioms.issuers]]\ndomain = \"a.example.com\"\n\
                       jwks_url = \"https://a.example.com/keys\"";
        let off = ("AXIOMS_DISCOVERY", "false");
        let words = "discovery (environment variable AXIOMS_DISCOVERY) has no effect: the keys of \
                     each issuer are located without it";
        assert_eq!(of(located, [off]), [words]);
        let top = ("AXIOMS_JWKS_URL", "https://b.example.com/keys");
        assert_eq!(of(located, [off, top]), [words]);
        assert_eq!(
            of(located, [off, ("AXIOMS_DOMAIN", "b.example.com")]),
            [""; 0]
        );
        let other = format!("{located}\n[[default.axioms.issuers]]\ndomain = \"c.example.com\"");
        assert_eq!(of(&other, [off]), [""; 0]);
    }

    #[test]
    fn parts_beside_the_issuer_or_of_another_provider_are_warned_of() {
        let parts = "[default.axioms]\nprovider = \"supabase\"\nproject = \"abc\"";
        assert_eq!(
            of(parts, [("AXIOMS_ISS_URL", "https://a.example.com")]),
            [format!(
                "project ({TOML}) has no effect: iss_url (environment variable AXIOMS_ISS_URL) \
                 says the issuer"
            )]
        );
        let other = [
            ("AXIOMS_PROVIDER", "auth0"),
            ("AXIOMS_DOMAIN", "a.example.com"),
        ];
        assert_eq!(
            of(parts, other),
            [format!(
                "project ({TOML}) has no effect: provider (environment variable AXIOMS_PROVIDER), \
                 auth0, has no such part"
            )]
        );
        assert_eq!(of(parts, []), [""; 0]);
        // A part of the address of the keys has an effect, and so has the realm of the challenge.
        let keys = "[default.axioms]\nprovider = \"fusionauth\"\niss_url = \"a\"\n\
                    domain = \"a.example.com\"\nrealm = \"r\"";
        assert_eq!(of(keys, []), [""; 0]);
    }

    #[test]
    fn required_claims_without_those_of_the_provider_are_warned_of() {
        let toml = "[default.axioms]\nrequired_claims = [\"email\"]\n\
                    [[default.axioms.issuers]]\nprovider = \"entra\"\n\
                    tenant = \"72f988bf-86f1-41af-91ab-2d7cd011db47\"\naudience = \"a\"\n";
        let words = "replaces the claims that entra requires: without `azp` other tokens of it may \
                     pass; list it too";
        assert_eq!(of(toml, []), [format!("required_claims ({TOML}) {words}")]);
        let own = format!("{toml}required_claims = []");
        let expected = format!("issuers[0].required_claims ({TOML}) {words}");
        assert!(of(&own, []).contains(&expected));
        let listed = format!("{toml}required_claims = [\"azp\", \"email\"]");
        assert!(
            !of(&listed, [])
                .iter()
                .any(|warning| warning.contains("azp"))
        );
    }
}

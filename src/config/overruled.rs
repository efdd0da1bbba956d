//! Settings that have no effect because of another one, usually of a lower source.

use super::fields::Config;
use super::origins::Origins;

/// Returns a warning for each setting that does not do what it seems to.
///
/// Sources are compared, so that a pair that was written in one place on purpose is not warned of.
pub(super) fn warnings(config: &Config, origins: &Origins) -> Vec<String> {
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
        if is_above(key, "jwks_url") {
            warnings.push(format!(
                "{} does not change where the keys are fetched: {} does",
                named(key),
                named("jwks_url")
            ));
        }
    }
    let is_set = |key: &str| origins.rank(key).is_some();
    if is_set("discovery") && config.discovery && config.jwks_url.is_some() {
        warnings.push(format!(
            "{} has no effect on the first issuer: {} says where its keys are",
            named("discovery"),
            named("jwks_url")
        ));
    }

    // Settings for entries of `issuers` that all have their own.
    let has_first =
        config.domain.is_some() || config.iss_url.is_some() || config.jwks_url.is_some();
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

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::super::load::{Surroundings, load_in};
    use super::warnings;

    fn of<const N: usize>(toml: &str, variables: [(&str, &str); N]) -> Vec<String> {
        let sources = Figment::from(Toml::string(toml).nested());
        let surroundings = Surroundings {
            directory: None,
            variables: variables
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
        };
        let loaded = load_in(&sources, surroundings);
        assert_eq!(loaded.problems, []);
        warnings(&loaded.config, &loaded.origins)
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
}

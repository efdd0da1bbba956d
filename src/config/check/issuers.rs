//! The issuers whose tokens are accepted, and the locations of their keys.

use super::addresses;
use super::fetching;
#[cfg(feature = "introspection")]
use super::introspection;
use super::location;
use super::mistaken;
use super::names::Names;
use super::provider;
use super::report::Report;
use super::tenants;
use super::token_header;
use super::trust_domain;
use super::{IssuersElsewhere, KeysGiven};
use crate::config::fields::{Config, IssuerConfig};
#[cfg(not(feature = "introspection"))]
use crate::config::hints::not_compiled;
use crate::config::origins::Origins;
use crate::config::providers::Preset;
use crate::config::settings::IssuerSettings;

/// An issuer as it was configured, completed by its preset.
struct Entry {
    /// Prepended to each of its keys; empty at the top level.
    place: String,
    config: IssuerConfig,
    /// The key that says which issuer it is.
    identity_key: &'static str,
    names: Names,
    preset: Option<&'static Preset>,
    /// False if the provider or a part of it does not hold, which is reported.
    is_usable: bool,
}

impl Entry {
    /// Checks the provider and the names of `own`.
    fn check(
        own: &IssuerConfig,
        inherited: &IssuerConfig,
        place: String,
        keys: KeysGiven,
        report: &mut Report<'_>,
    ) -> Entry {
        let provided = provider::check(own, &place, keys, report);
        let is_usable = provided.is_ok();
        let provided = provided.unwrap_or_default();
        let preset = provided.as_ref().map(|provided| provided.preset);
        Entry {
            names: names(own, inherited, preset, &place, report),
            place,
            identity_key: match (&own.iss_url, &own.provider) {
                (Some(_), _) => "iss_url",
                (None, Some(_)) => "provider",
                (None, None) => "domain",
            },
            config: provided.map_or_else(|| own.clone(), |provided| provided.complete(own)),
            preset,
            is_usable,
        }
    }

    /// Returns whether it has an issuer, or will have one when its provider holds.
    fn is_named(&self) -> bool {
        self.config.iss_url.is_some() || self.config.domain.is_some() || !self.is_usable
    }

    /// Returns whether something tells its tokens from those of others.
    fn is_distinct(&self) -> bool {
        self.is_named() || self.config.trust_domain.is_some()
    }

    /// Returns the exact `iss`, if it is known.
    fn identity(&self) -> Option<String> {
        let of_domain = || {
            let domain = self.config.domain.as_deref().filter(|_| self.is_usable)?;
            Some(format!("https://{}", addresses::domain(domain).ok()?))
        };
        self.config.iss_url.clone().or_else(of_domain)
    }
}

/// Returns the issuer of the top level, if there is one, then those of `issuers`. One with a
/// problem may be missing.
pub(super) fn check(
    config: &Config,
    keys: KeysGiven,
    elsewhere: IssuersElsewhere,
    report: &mut Report<'_>,
) -> Vec<IssuerSettings> {
    let operator = IssuerConfig::top_level(config, |key| report.is_set(key));
    let inherited = IssuerConfig::default();
    let top = Entry::check(&operator, &inherited, String::new(), keys, report);
    let named = top.is_named();
    let located = location::given(&operator).next();
    let has_first = named || located.is_some() || config.provider.is_some();
    let nothing = !has_first && config.issuers.is_empty();
    let (has_keys, has_source) = (keys == KeysGiven::Yes, elsewhere == IssuersElsewhere::Yes);
    let is_unnamed =
        (has_first && !top.is_distinct() && config.issuers.is_empty()) || (nothing && has_keys);
    if has_source && is_unnamed {
        let message = "is needed beside keys when an IssuerSource knows further issuers: without \
                       it every token would be the first one's";
        report.problem_of_many("iss_url", &["domain"], message);
    }
    if nothing && has_source {
        return Vec::new();
    }
    if nothing && !has_keys {
        let message =
            "nothing says whose tokens are accepted; set domain, iss_url, jwks_url or issuers";
        let others = ["domain", "jwks_url", "jwks_file", "issuers"];
        report.problem_of_many("iss_url", &others, message);
    }
    if has_first && !top.is_distinct() && !config.issuers.is_empty() {
        let key = located.unwrap_or("with_keys");
        let message = format!(
            "is needed beside {key} when there are issuers too: without it every token would be \
             the first one's"
        );
        report.problem_of_many("iss_url", &["domain"], message);
    }

    let has_first = has_first || nothing;
    let mut entries = Vec::new();
    if has_first {
        if config.audience.is_empty() {
            report.problem(
                "audience",
                "is required: the identifier of this API, which a token's `aud` must name",
            );
        }
        entries.push(top);
    }
    for (at, own) in config.issuers.iter().enumerate() {
        let place = format!("issuers[{at}].");
        let key = |name: &str| format!("{place}{name}");
        let keys = match at {
            0 if !has_first => keys,
            _ => KeysGiven::No,
        };
        let entry = Entry::check(own, &operator, place.clone(), keys, report);
        match &own.audience {
            Some(audience) if audience.is_empty() => {
                report.problem(&key("audience"), "must not be empty");
            }
            None if entry.names.audience.is_empty() && !has_first => {
                report.problem_of_many(
                    &key("audience"),
                    &["audience"],
                    "is required, here or at the top level",
                );
            }
            _ => {}
        }
        if !entry.is_distinct() {
            let message = "is required: each of several issuers needs iss_url or domain";
            report.problem_of_many(&key("iss_url"), &[&key("domain")], message);
        }
        entries.push(entry);
    }

    let settings = entries.iter().enumerate().filter_map(|(at, entry)| {
        let keys = if at == 0 { keys } else { KeysGiven::No };
        let settings = issuer(config, has_first, entry, keys, report)?;
        Some((entry.place.clone(), settings))
    });
    let mut settings: Vec<_> = settings.collect();
    duplicates(&entries, report);
    let names: Vec<_> = entries
        .iter()
        .filter_map(|e| e.config.name.clone())
        .collect();
    for (_, settings) in &mut settings {
        if let Some(template) = &mut settings.template {
            template.reserved.clone_from(&names);
        }
    }
    #[cfg(feature = "introspection")]
    introspection::one_for_opaque(&mut settings, report);
    settings.into_iter().map(|(_, settings)| settings).collect()
}

/// Returns the names of `own`, and for the rest those of `inherited`, of the preset, and the
/// defaults: a preset is below everything that the operator wrote.
fn names(
    own: &IssuerConfig,
    inherited: &IssuerConfig,
    preset: Option<&Preset>,
    place: &str,
    report: &mut Report<'_>,
) -> Names {
    let preset = preset.map_or_else(IssuerConfig::default, Preset::settings);
    let mut unkept = report.unkept();
    let below = inherited.clone().or(&preset).or(&IssuerConfig::defaults());
    let below = Names::check(&below, &Names::default(), "", &mut unkept);
    let mut names = Names::check(own, &below, place, report);
    // As the tables of several sources are merged.
    names.expect_too(&Names::check(&preset, &Names::default(), "", &mut unkept));
    names
}

/// Checks an issuer beside those of `config`, whose sources are `origins`.
pub(super) fn check_one(
    config: &Config,
    origins: &Origins,
    own: &IssuerConfig,
    report: &mut Report<'_>,
) -> Option<IssuerSettings> {
    let operator = IssuerConfig::top_level(config, |key| origins.is_set(key));
    let entry = Entry::check(own, &operator, String::new(), KeysGiven::No, report);
    if entry.names.audience.is_empty() {
        report.problem("audience", "is required, here or at the top level");
    }
    if !entry.is_named() {
        report.problem("iss_url", "is required: iss_url or domain");
    }
    let of_settings = [
        ("introspection", own.introspection.is_some()),
        ("token_header", entry.config.token_header.is_some()),
    ];
    for (key, _) in of_settings.iter().filter(|(_, is_set)| *is_set) {
        report.problem(key, "is for the issuers of the settings");
    }
    issuer(config, true, &entry, KeysGiven::No, report)
}

/// Returns the settings of one issuer. `has_first`: the top level is one.
fn issuer(
    config: &Config,
    #[cfg_attr(not(feature = "introspection"), expect(unused_variables))] has_first: bool,
    entry: &Entry,
    keys: KeysGiven,
    report: &mut Report<'_>,
) -> Option<IssuerSettings> {
    let (own, place) = (&entry.config, &entry.place);
    let key = |name: &str| format!("{place}{name}");
    if let Some(name) = &own.name {
        report.text(&key("name"), name);
    }
    let domain = match own.domain.as_deref().map(addresses::domain) {
        Some(Err(fault)) => {
            // As a part of the provider's issuer it was checked already.
            if entry.is_usable {
                report.problem(&key("domain"), fault);
            }
            None
        }
        domain => domain.and_then(Result::ok),
    };
    if let Some(fault) = domain
        .filter(|_| own.iss_url.is_none() && own.provider.is_none())
        .and_then(mistaken::never_a_domain)
    {
        report.problem(&key("domain"), fault);
        return None;
    }
    if own
        .iss_url
        .as_ref()
        .is_some_and(|issuer| !report.text(&key("iss_url"), issuer))
    {
        return None;
    }
    let template = tenants::template(own, place, report);
    let sample = own.iss_url.as_deref().and_then(tenants::sample);
    let written = sample.as_deref().or(own.iss_url.as_deref());
    if let Some(fault) = written.and_then(mistaken::never_an_issuer) {
        if template.is_ok() {
            report.problem(&key("iss_url"), tenants::of_template(&fault));
        }
        return None;
    }
    let issuer = entry.identity();

    #[cfg(feature = "introspection")]
    let introspection = {
        let issuer = issuer.as_deref().filter(|_| sample.is_none());
        introspection::check(config, has_first, own, issuer, place, report)
    };
    #[cfg(not(feature = "introspection"))]
    if own.introspection.is_some() {
        report.problem(&key("introspection"), not_compiled("introspection"));
    }
    let token_header = own.token_header.as_deref().map(token_header::check);
    let token_header = token_header
        .transpose()
        .map_err(|fault| report.problem(&key("token_header"), fault));
    let location = location::check(config, own, issuer.as_deref(), place, keys, report);
    // Of the top level it is a problem once.
    let http_proxy = own.http_proxy.as_deref().unwrap_or(&config.http_proxy);
    let proxy = fetching::proxy(http_proxy);
    if let (Err(fault), Some(_)) = (&proxy, &own.http_proxy) {
        report.problem(&key("http_proxy"), *fault);
    }
    let bearer = match &location {
        Some(location) => fetching::bearer(config, own, location, place, report),
        None => Ok(None),
    };
    let algorithms = trust_domain::check(own, entry.names.algorithms, place, report);
    let (template, location, token_header) = (template.ok()?, location?, token_header.ok()?);
    let (proxy, bearer) = (proxy.ok()?, bearer.ok()?);
    let algorithms = algorithms.ok()?;
    // A host with the tenant in it has no name of its own.
    let host = |issuer: &str| addresses::host(&sample.clone().unwrap_or_else(|| issuer.to_owned()));
    let namespace = domain
        .map(str::to_owned)
        .or_else(|| host(issuer.as_deref()?).filter(|host| !tenants::is_in(host)));
    let namespaced = |mut claims: Vec<String>, kind: &str| {
        if let Some(namespace) = namespace.as_deref().filter(|_| config.namespaced_claims) {
            let implicit = format!("https://{namespace}/claims/{kind}");
            if !claims.contains(&implicit) {
                claims.push(implicit);
            }
        }
        claims
    };
    let names = entry.names.clone();
    let is_of_preset = entry.preset.is_some_and(|preset| preset.accept_id_tokens)
        && !report.is_set(&key("accept_id_tokens"));
    Some(IssuerSettings {
        name: own.name.clone(),
        issuer,
        template,
        location,
        audience: names.audience,
        algorithms,
        preset: entry.preset,
        token_typs: names.token_typs,
        require_typ: names.require_typ,
        audience_claims: names.audience_claims,
        scope_claims: names.scope_claims,
        roles_claims: namespaced(names.roles_claims, "roles"),
        permissions_claims: namespaced(names.permissions_claims, "permissions"),
        roles_shape: names.roles_shape,
        permissions_shape: names.permissions_shape,
        required_claims: names.required_claims,
        expected_claims: names.expected_claims,
        trust_domain: own.trust_domain.clone(),
        proxy,
        bearer,
        token_header,
        accept_id_tokens: own.accept_id_tokens || is_of_preset,
        #[cfg(feature = "introspection")]
        introspection,
    })
}

/// Checks that an `iss` and a name each select one issuer.
fn duplicates(entries: &[Entry], report: &mut Report<'_>) {
    for (at, entry) in entries.iter().enumerate() {
        let (own, place) = (&entry.config, &entry.place);
        let earlier = |same: &dyn Fn(&Entry) -> bool| {
            let mut before = entries.iter().take(at);
            let place = &before.find(|earlier| same(earlier))?.place;
            Some(if place.is_empty() {
                "the top level"
            } else {
                place.trim_end_matches('.')
            })
        };
        let issuer = entry.identity();
        if let Some(other) = issuer
            .as_ref()
            .and_then(|issuer| earlier(&|e| e.identity().as_ref() == Some(issuer)))
        {
            report.problem(
                &format!("{place}{}", entry.identity_key),
                format!("is the same issuer as that of {other}"),
            );
        }
        let is_same = |e: &Entry| {
            (&e.config.trust_domain, e.identity()) == (&own.trust_domain, issuer.clone())
        };
        if let (Some(_), None, Some(other)) = (&own.trust_domain, &issuer, earlier(&is_same)) {
            report.problem(
                &format!("{place}trust_domain"),
                format!("is the same trust domain as that of {other}"),
            );
        }
        let others = entries.iter().enumerate().filter(|(other, _)| *other != at);
        let named = |tenant: &String| {
            let mut others = others.clone();
            others.find(|(_, other)| other.config.name.as_ref() == Some(tenant))
        };
        let tenants = own.tenants.iter().flatten();
        for (tenant, (_, other)) in tenants.filter_map(|tenant| Some((tenant, named(tenant)?))) {
            report.problem(
                &format!("{place}tenants"),
                format!(
                    "has `{tenant}`, which is also the name of {}",
                    other.place.trim_end_matches('.')
                ),
            );
        }
        if let Some(other) = own
            .name
            .as_ref()
            .and_then(|name| earlier(&|e| e.config.name.as_ref() == Some(name)))
        {
            report.problem(
                &format!("{place}name"),
                format!("is also the name of {other}"),
            );
        }
    }
}

//! The issuers whose tokens are accepted, and the locations of their keys.

use super::KeysGiven;
use super::addresses;
#[cfg(feature = "introspection")]
use super::introspection;
use super::location;
use super::mistaken;
use super::names::Names;
use super::report::Report;
use super::tenants;
use crate::config::fields::{Config, IssuerConfig};
#[cfg(not(feature = "introspection"))]
use crate::config::hints::not_compiled;
use crate::config::settings::IssuerSettings;

/// Returns the issuer of the top level, if there is one, then those of `issuers`. One with a
/// problem may be missing.
pub(super) fn check(
    config: &Config,
    keys: KeysGiven,
    report: &mut Report<'_>,
) -> Vec<IssuerSettings> {
    let top = IssuerConfig::top_level(config);
    let top_names = Names::check(&top, &Names::default(), "", report);
    let named = config.domain.is_some() || config.iss_url.is_some();
    let located = location::given(&top).next();
    let nothing = !named && located.is_none() && config.issuers.is_empty();
    if nothing && keys == KeysGiven::No {
        let message =
            "nothing says whose tokens are accepted; set domain, iss_url, jwks_url or issuers";
        let others = ["domain", "jwks_url", "jwks_file", "issuers"];
        report.problem_of_many("iss_url", &others, message);
    }
    if let (false, Some(key), false) = (named, located, config.issuers.is_empty()) {
        let message = format!(
            "is needed beside {key} when there are issuers too: without it every token would be \
             the first one's"
        );
        report.problem_of_many("iss_url", &["domain"], message);
    }

    let mut entries = Vec::new();
    if named || located.is_some() || nothing {
        if config.audience.is_empty() {
            report.problem(
                "audience",
                "is required: the identifier of this API, which a token's `aud` must name",
            );
        }
        entries.push((String::new(), &top, top_names.clone()));
    }
    for (at, entry) in config.issuers.iter().enumerate() {
        let place = format!("issuers[{at}].");
        let names = Names::check(entry, &top_names, &place, report);
        let own = format!("{place}audience");
        match &entry.audience {
            Some(audience) if audience.is_empty() => report.problem(&own, "must not be empty"),
            None if names.audience.is_empty()
                && entries.first().is_none_or(|(place, ..)| !place.is_empty()) =>
            {
                report.problem_of_many(
                    &own,
                    &["audience"],
                    "is required, here or at the top level",
                );
            }
            _ => {}
        }
        if entry.iss_url.is_none() && entry.domain.is_none() {
            let message = "is required: each of several issuers needs iss_url or domain";
            report.problem_of_many(
                &format!("{place}iss_url"),
                &[&format!("{place}domain")],
                message,
            );
        }
        entries.push((place, entry, names));
    }

    let settings = entries
        .iter()
        .enumerate()
        .filter_map(|(at, (place, entry, names))| {
            let keys = if at == 0 { keys } else { KeysGiven::No };
            let settings = issuer(config, entry, names, place, keys, report)?;
            Some((place.clone(), settings))
        });
    #[cfg_attr(
        not(feature = "introspection"),
        expect(unused_mut, reason = "changed with it")
    )]
    let mut settings: Vec<_> = settings.collect();
    duplicates(&entries, report);
    #[cfg(feature = "introspection")]
    introspection::one_for_opaque(&mut settings, report);
    settings.into_iter().map(|(_, settings)| settings).collect()
}

fn issuer(
    config: &Config,
    entry: &IssuerConfig,
    names: &Names,
    place: &str,
    keys: KeysGiven,
    report: &mut Report<'_>,
) -> Option<IssuerSettings> {
    let key = |name: &str| format!("{place}{name}");
    if let Some(name) = &entry.name {
        report.text(&key("name"), name);
    }
    let domain = match entry.domain.as_deref().map(addresses::domain) {
        Some(Err(fault)) => {
            report.problem(&key("domain"), fault);
            None
        }
        domain => domain.and_then(Result::ok),
    };
    if let Some(fault) = domain
        .filter(|_| entry.iss_url.is_none())
        .and_then(mistaken::never_a_domain)
    {
        report.problem(&key("domain"), fault);
        return None;
    }
    if entry
        .iss_url
        .as_ref()
        .is_some_and(|issuer| !report.text(&key("iss_url"), issuer))
    {
        return None;
    }
    let template = tenants::template(entry, place, report);
    let sample = entry.iss_url.as_deref().and_then(tenants::sample);
    let written = sample.as_deref().or(entry.iss_url.as_deref());
    if let Some(fault) = written.and_then(mistaken::never_an_issuer) {
        if template.is_ok() {
            report.problem(&key("iss_url"), tenants::of_template(&fault));
        }
        return None;
    }
    let issuer = entry
        .iss_url
        .clone()
        .or_else(|| domain.map(|domain| format!("https://{domain}")));

    #[cfg(feature = "introspection")]
    let introspection = {
        let issuer = issuer.as_deref().filter(|_| sample.is_none());
        introspection::check(config, entry, issuer, place, report)
    };
    #[cfg(not(feature = "introspection"))]
    if entry.introspection.is_some() {
        report.problem(&key("introspection"), not_compiled("introspection"));
    }
    let location = location::check(config, entry, issuer.as_deref(), place, keys, report);
    let (template, location) = (template.ok()?, location?);
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
    let names = names.clone();
    Some(IssuerSettings {
        name: entry.name.clone(),
        issuer,
        template,
        location,
        audience: names.audience,
        algorithms: names.algorithms,
        audience_claims: names.audience_claims,
        scope_claims: names.scope_claims,
        roles_claims: namespaced(names.roles_claims, "roles"),
        permissions_claims: namespaced(names.permissions_claims, "permissions"),
        required_claims: names.required_claims,
        expected_claims: names.expected_claims,
        accept_id_tokens: entry.accept_id_tokens,
        #[cfg(feature = "introspection")]
        introspection,
    })
}

/// Checks that an `iss` and a name each select one issuer.
fn duplicates(entries: &[(String, &IssuerConfig, Names)], report: &mut Report<'_>) {
    for (at, (place, entry, _)) in entries.iter().enumerate() {
        let earlier = |same: &dyn Fn(&IssuerConfig) -> bool| {
            let mut before = entries.iter().take(at);
            let (place, ..) = before.find(|(_, earlier, _)| same(earlier))?;
            Some(if place.is_empty() {
                "the top level"
            } else {
                place.trim_end_matches('.')
            })
        };
        let issuer = identity(entry);
        if let Some(other) = issuer
            .as_ref()
            .and_then(|issuer| earlier(&|e| identity(e).as_ref() == Some(issuer)))
        {
            let key = if entry.iss_url.is_some() {
                "iss_url"
            } else {
                "domain"
            };
            report.problem(
                &format!("{place}{key}"),
                format!("is the same issuer as that of {other}"),
            );
        }
        let others = entries.iter().enumerate().filter(|(other, _)| *other != at);
        let named = |tenant: &String| {
            let mut others = others.clone();
            others.find(|(_, (_, other, _))| other.name.as_ref() == Some(tenant))
        };
        let tenants = entry.tenants.iter().flatten();
        for (tenant, (_, (other, ..))) in
            tenants.filter_map(|tenant| Some((tenant, named(tenant)?)))
        {
            report.problem(
                &format!("{place}tenants"),
                format!(
                    "has `{tenant}`, which is also the name of {}",
                    other.trim_end_matches('.')
                ),
            );
        }
        if let Some(other) = entry
            .name
            .as_ref()
            .and_then(|name| earlier(&|e| e.name.as_ref() == Some(name)))
        {
            report.problem(
                &format!("{place}name"),
                format!("is also the name of {other}"),
            );
        }
    }
}

fn identity(entry: &IssuerConfig) -> Option<String> {
    let of_domain = || {
        Some(format!(
            "https://{}",
            addresses::domain(entry.domain.as_deref()?).ok()?
        ))
    };
    entry.iss_url.clone().or_else(of_domain)
}

//! The preset that `provider` names, and the issuer that its parts make.

use super::KeysGiven;
use super::addresses;
use super::location;
use super::report::Report;
use super::tenants::TENANT;
use crate::config::fields::IssuerConfig;
use crate::config::providers::{PARTS, Preset, fill, placeholders};

/// A preset, and the addresses that it makes of the parts of one issuer.
#[derive(Debug, Clone)]
pub(super) struct Provided {
    pub(super) preset: &'static Preset,
    /// `None` beside `iss_url`, and where tokens may have no `iss`.
    issuer: Option<String>,
    jwks_url: Option<String>,
    jwks_bearer_file: Option<&'static str>,
    /// The claim that names the tenant of a template.
    tenant_claim: Option<&'static str>,
}

impl Provided {
    /// Returns `own` with the issuer, and with the location of keys unless it has one.
    pub(super) fn complete(self, own: &IssuerConfig) -> IssuerConfig {
        let is_located = location::given(own).next().is_some();
        IssuerConfig {
            iss_url: own.iss_url.clone().or(self.issuer),
            jwks_url: match is_located {
                true => own.jwks_url.clone(),
                false => self.jwks_url,
            },
            jwks_bearer_file: match (&own.jwks_bearer_file, is_located) {
                (Some(file), _) => Some(file.clone()),
                (None, false) => self.jwks_bearer_file.map(Into::into),
                (None, true) => None,
            },
            token_header: match &own.token_header {
                Some(header) => Some(header.clone()),
                None => self.preset.token_header.map(str::to_owned),
            },
            tenant_claim: match &own.tenant_claim {
                Some(claim) => Some(claim.clone()),
                None => self.tenant_claim.map(str::to_owned),
            },
            ..own.clone()
        }
    }
}

/// A provider or a part of it that does not hold; reported already.
pub(super) struct Unusable;

/// Checks `provider` and the parts of the issuer. `place` is prepended to each key.
pub(super) fn check(
    entry: &IssuerConfig,
    place: &str,
    keys: KeysGiven,
    report: &mut Report<'_>,
) -> Result<Option<Provided>, Unusable> {
    let mut check = Check {
        entry,
        place,
        report,
        holds: true,
    };
    let provided = match entry.provider.as_deref().map(Preset::find) {
        None => {
            check.without_provider();
            None
        }
        Some(Ok(preset)) => check.preset(preset, keys),
        Some(Err(nearest)) => {
            let message =
                format!("is not a provider that has settings; the nearest is `{nearest}`");
            check.problem("provider", message);
            None
        }
    };
    match check.holds {
        true => Ok(provided),
        false => Err(Unusable),
    }
}

struct Check<'c, 'r> {
    entry: &'c IssuerConfig,
    place: &'c str,
    report: &'c mut Report<'r>,
    holds: bool,
}

impl Check<'_, '_> {
    fn problem(&mut self, key: &str, message: impl Into<String>) {
        self.holds = false;
        self.report
            .problem(&format!("{}{key}", self.place), message);
    }

    fn without_provider(&mut self) {
        for key in PARTS {
            if self.is_part_alone(key) {
                self.problem(
                    key,
                    "is a part of the issuer of some providers, and nothing without `provider`; \
                     set that, or write the whole issuer as iss_url",
                );
            }
        }
    }

    /// Returns whether `key` is set and has no other meaning than as a part of the issuer.
    fn is_part_alone(&self, key: &str) -> bool {
        let is_of_challenge = key == "realm" && self.place.is_empty();
        self.entry.part(key).is_some() && !is_of_challenge
    }

    /// Returns the value of the part `key`, its default included.
    fn value(&self, preset: &Preset, key: &str) -> Option<&str> {
        let given = match key {
            "domain" => self.domain(),
            "region" => self.entry.part("region").or_else(|| self.region_of_pool()),
            _ => self.entry.part(key),
        };
        let part = preset.parts.iter().find(|part| part.key == key)?;
        let of_many = (key == "tenant" && self.is_template(preset)).then_some(TENANT);
        given.or(of_many).or(part.default)
    }

    /// Returns whether the tenants of `preset` share their keys and `tenants` lists them.
    fn is_template(&self, preset: &Preset) -> bool {
        let is_written = self
            .entry
            .iss_url
            .as_ref()
            .is_some_and(|it| it.contains(TENANT));
        preset.tenants.is_some()
            && self.entry.tenants.is_some()
            && (is_written || self.entry.tenant.is_none() && self.entry.iss_url.is_none())
    }

    fn domain(&self) -> Option<&str> {
        addresses::domain(self.entry.domain.as_deref()?).ok()
    }

    fn region_of_pool(&self) -> Option<&str> {
        Some(self.entry.part("pool")?.split_once('_')?.0)
    }

    fn preset(&mut self, preset: &'static Preset, keys: KeysGiven) -> Option<Provided> {
        self.forms(preset);
        let entry = self.entry;
        if preset.without_iss && entry.trust_domain.is_none() {
            let message = format!(
                "is required: tokens of `{}` are told by the trust domain of their `sub`",
                preset.name
            );
            self.problem("trust_domain", message);
            return None;
        }
        let of_many = preset.tenants.as_ref().filter(|_| self.is_template(preset));
        let is_within = preset.jwks_bearer_file.is_some();
        let own = preset
            .jwks_url
            .filter(|_| !is_within || entry.iss_url.is_none());
        let keys_of = of_many.map_or(own, |tenants| Some(tenants.jwks_url));
        let jwks_url = keys_of.and_then(|keys| fill(keys, |key| self.value(preset, key)));
        let mut templates = preset.issuers.iter().copied();
        let template = match &entry.iss_url {
            Some(_) => None,
            None => templates
                .find(|template| placeholders(template).all(|k| self.value(preset, k).is_some())),
        };
        if entry.iss_url.is_none() && template.is_none() {
            let is_located = location::given(entry).next().is_some() || keys == KeysGiven::Yes;
            if !(preset.without_iss && is_located) {
                self.missing(preset);
            }
        }
        if let Some(of_keys) = preset.jwks_url.filter(|_| preset.issuers.is_empty())
            && location::given(entry).next().is_none()
            && keys == KeysGiven::No
        {
            for key in self.absent(preset, of_keys) {
                let form = shown(of_keys);
                let message = format!("is required: the keys of `{}` are at {form}", preset.name);
                self.problem(key, message);
            }
        }
        if let Some(template) = template {
            self.unused(preset, template);
        } else {
            self.foreign(preset);
        }
        Some(Provided {
            preset,
            issuer: template.and_then(|template| fill(template, |key| self.value(preset, key))),
            jwks_bearer_file: preset
                .jwks_bearer_file
                .filter(|_| jwks_url.is_some() && keys == KeysGiven::No),
            jwks_url,
            tenant_claim: of_many.map(|tenants| tenants.claim),
        })
    }

    /// Checks each part that is set.
    fn forms(&mut self, preset: &Preset) {
        for part in preset.parts {
            let fault = match self.entry.part(part.key) {
                None => continue,
                Some(text) if part.key == "domain" => match addresses::domain(text) {
                    Ok(host) => part.check(host).map_err(|fault| fault.to_string()),
                    Err(fault) => Err(fault.to_owned()),
                },
                Some(text) => part.check(text).map_err(|fault| fault.to_string()),
            };
            if let Err(fault) = fault {
                self.problem(part.key, fault);
            }
        }
        if self.holds
            && preset.has_part("pool")
            && let (Some(region), Some(of_pool)) =
                (self.entry.part("region"), self.region_of_pool())
            && region != of_pool
        {
            self.problem("pool", "is of another region than the one of `region`");
        }
    }

    /// Returns the parts of `template` that have no value.
    fn absent<'t>(&self, preset: &Preset, template: &'t str) -> Vec<&'t str> {
        placeholders(template)
            .filter(|key| self.value(preset, key).is_none())
            .collect()
    }

    /// Reports the parts that are missing of the form that misses the fewest.
    fn missing(&mut self, preset: &Preset) {
        if !self.holds {
            return;
        }
        let absent = preset
            .issuers
            .iter()
            .map(|template| self.absent(preset, template));
        let Some(absent) = absent.min_by_key(Vec::len) else {
            let message = format!(
                "is required: `{}` has no issuer of a known form",
                preset.name
            );
            self.problem("iss_url", message);
            return;
        };
        let forms: Vec<_> = preset.issuers.iter().map(|form| shown(form)).collect();
        for key in absent {
            let message = format!(
                "is required: the issuer of `{}` is {}",
                preset.name,
                forms.join(" or ")
            );
            self.problem(key, message);
        }
    }

    /// Reports the parts that are set and not in `template`.
    fn unused(&mut self, preset: &Preset, template: &str) {
        let of_keys = preset.jwks_url.unwrap_or_default();
        let is_used = |key: &str| {
            placeholders(template)
                .chain(placeholders(of_keys))
                .any(|used| used == key)
        };
        let region = |key: &str| key == "region" && is_used("pool");
        let form = shown(template);
        let message = format!(
            "is no part of the issuer of `{}`, which is {form}; leave it out",
            preset.name
        );
        for key in PARTS.into_iter().chain(["domain"]) {
            if !is_used(key) && !region(key) {
                self.needless(key, &message);
            }
        }
    }

    /// Reports the parts that are set and that `preset` does not have.
    fn foreign(&mut self, preset: &Preset) {
        let message = format!(
            "is no part of the issuer of `{}`; leave it out",
            preset.name
        );
        for key in PARTS.into_iter().filter(|key| !preset.has_part(key)) {
            self.needless(key, &message);
        }
    }

    /// Reports `key` unless it is of a source below that of `provider`, which replaced its own.
    fn needless(&mut self, key: &str, message: &str) {
        let keys = [key, "provider"].map(|key| format!("{}{key}", self.place));
        let is_replaced = self.report.is_above(&keys[1], &keys[0]);
        if self.is_part_alone(key) && !is_replaced {
            self.problem(key, message);
        }
    }
}

/// Returns `template` as a message shows it.
fn shown(template: &str) -> String {
    format!("`{}`", template.replace('{', "<").replace('}', ">"))
}

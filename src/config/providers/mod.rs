//! Presets: what the access tokens of a product look like, by the product's name.

mod part;
mod table;

pub(super) use part::{PARTS, Part};
pub(super) use table::PRESETS;

use super::fields::IssuerConfig;
use super::hints::nearest;
use crate::claims::ClaimShape;

/// The settings of one product. Empty and `None` leave the crate's default.
#[derive(Debug)]
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    /// The forms of the issuer, with parts in braces. The first whose parts are all given counts;
    /// without any, `iss_url` is required.
    pub(super) issuers: &'static [&'static str],
    /// The address of the keys, with parts in braces, where the issuer has no metadata.
    pub(super) jwks_url: Option<&'static str>,
    pub(super) parts: &'static [Part],
    /// A file with the token that `jwks_url` asks for, on the machines of an issuer that is reached
    /// from within. With `iss_url` neither of the two counts.
    pub(super) jwks_bearer_file: Option<&'static str>,
    /// The header in which the product, a proxy, hands on its tokens.
    pub(super) token_header: Option<&'static str>,
    /// The keys that all tenants share, where they do.
    pub(super) tenants: Option<Tenants>,
    /// Tokens may have no `iss`: with `jwks_url` it need not be known.
    pub(super) without_iss: bool,
    /// The claim by which callers differ, of an issuer from which every customer of the product
    /// gets a token for any audience.
    pub(crate) open_until: Option<&'static str>,
    algorithms: &'static [&'static str],
    token_typs: &'static [&'static str],
    require_typ: bool,
    pub(super) required_claims: &'static [&'static str],
    pub(crate) expected_claims: &'static [(&'static str, &'static [&'static str])],
    pub(super) accept_id_tokens: bool,
    audience_claims: &'static [&'static str],
    roles_claims: &'static [&'static str],
    roles_shape: Option<ClaimShape>,
    permissions_claims: &'static [&'static str],
    permissions_shape: Option<ClaimShape>,
}

/// An issuer of many tenants: the address of the keys of all, and the claim that names one.
#[derive(Debug)]
pub(super) struct Tenants {
    pub(super) jwks_url: &'static str,
    pub(super) claim: &'static str,
}

impl Preset {
    /// Sets nothing.
    const NONE: Preset = Preset {
        name: "",
        aliases: &[],
        issuers: &[],
        jwks_url: None,
        parts: &[],
        jwks_bearer_file: None,
        token_header: None,
        tenants: None,
        without_iss: false,
        open_until: None,
        algorithms: &[],
        token_typs: &[],
        require_typ: false,
        required_claims: &[],
        expected_claims: &[],
        accept_id_tokens: false,
        audience_claims: &[],
        roles_claims: &[],
        roles_shape: None,
        permissions_claims: &[],
        permissions_shape: None,
    };

    /// Finds a preset by its name or an alias.
    ///
    /// # Errors
    ///
    /// The nearest name.
    pub(super) fn find(name: &str) -> Result<&'static Preset, &'static str> {
        let mut presets = PRESETS.iter();
        let found = presets.find(|preset| preset.name == name || preset.aliases.contains(&name));
        found.ok_or_else(|| {
            let mut names = PRESETS.iter().flat_map(Preset::names);
            let longer = names.clone().find(|known| known.starts_with(name));
            longer.unwrap_or_else(|| nearest(&mut names, name))
        })
    }

    /// Returns its name and its aliases.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        [self.name].into_iter().chain(self.aliases.iter().copied())
    }

    /// Returns the inherited settings that it sets.
    pub(super) fn settings(&self) -> IssuerConfig {
        let list = |names: &[&str]| {
            let names = names.iter().copied().map(str::to_owned);
            Some(names.collect::<Vec<_>>()).filter(|names| !names.is_empty())
        };
        let expected = self.expected_claims.iter().map(|(name, values)| {
            let values = values.iter().copied().collect();
            ((*name).to_owned(), values)
        });
        IssuerConfig {
            algorithms: list(self.algorithms),
            token_typs: list(self.token_typs),
            require_typ: self.require_typ.then_some(true),
            required_claims: list(self.required_claims),
            expected_claims: (!self.expected_claims.is_empty()).then(|| expected.collect()),
            audience_claims: list(self.audience_claims),
            roles_claims: list(self.roles_claims),
            roles_shape: self.roles_shape,
            permissions_claims: list(self.permissions_claims),
            permissions_shape: self.permissions_shape,
            ..IssuerConfig::default()
        }
    }

    /// Returns whether it names the part `key`.
    pub(super) fn has_part(&self, key: &str) -> bool {
        self.parts.iter().any(|part| part.key == key)
    }
}

/// Returns the keys in braces of `template`.
pub(super) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(key, _)| key))
}

/// Fills `template` by `value`; `None` if a part is not given.
pub(super) fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    placeholders(template).try_fold(template.to_owned(), |filled, key| {
        Some(filled.replace(&format!("{{{key}}}"), value(key)?))
    })
}

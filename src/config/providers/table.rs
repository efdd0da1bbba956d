//! The table of presets, in the order of `docs/providers.md`. A new provider is one entry here, one
//! section there, and its tokens in `tests/providers/tokens.json`.

use super::part::{Form, Part};
use super::{Preset, Tenants};
use crate::claims::ClaimShape;

const DOMAIN: Part = Part::new("domain", Form::Host);

pub(in crate::config) const PRESETS: &[Preset] = &[
    Preset {
        name: "auth0",
        issuers: &["https://{domain}/"],
        parts: &[DOMAIN],
        algorithms: &["RS256", "PS256"],
        ..Preset::NONE
    },
    COGNITO,
    Preset {
        name: "okta",
        issuers: &["https://{domain}/oauth2/{authorization_server}"],
        parts: &[
            DOMAIN,
            Part::new("authorization_server", Form::Segment).or("default"),
        ],
        algorithms: &["RS256"],
        required_claims: &["cid"],
        roles_claims: &["groups"],
        ..Preset::NONE
    },
    Preset {
        name: "entra",
        aliases: &["azure"],
        issuers: &["https://{domain}/{tenant}/v2.0"],
        parts: &[
            DOMAIN.or("login.microsoftonline.com"),
            Part::new("tenant", Form::Guid),
        ],
        tenants: Some(Tenants {
            jwks_url: "https://{domain}/common/discovery/v2.0/keys",
            claim: "tid",
        }),
        algorithms: &["RS256"],
        // An ID token has the same shape and, if the API is the client too, the same audience.
        required_claims: &["azp"],
        expected_claims: &[("ver", &["2.0"])],
        ..Preset::NONE
    },
    Preset {
        name: "entra-v1",
        issuers: &["https://sts.windows.net/{tenant}/"],
        jwks_url: Some("https://login.microsoftonline.com/{tenant}/discovery/keys"),
        parts: &[Part::new("tenant", Form::Guid)],
        tenants: Some(Tenants {
            jwks_url: "https://login.microsoftonline.com/common/discovery/keys",
            claim: "tid",
        }),
        algorithms: &["RS256"],
        required_claims: &["appid"],
        expected_claims: &[("ver", &["1.0"])],
        ..Preset::NONE
    },
    Preset {
        name: "keycloak",
        issuers: &["https://{domain}/realms/{realm}"],
        parts: &[DOMAIN, Part::new("realm", Form::Segment)],
        expected_claims: &[("typ", &["Bearer", "DPoP"])],
        roles_claims: &["realm_access.roles"],
        ..Preset::NONE
    },
    Preset {
        name: "pingone",
        issuers: &["https://{domain}/{tenant}/as"],
        parts: &[
            DOMAIN.or("auth.pingone.com"),
            Part::new("tenant", Form::Guid),
        ],
        required_claims: &["client_id"],
        ..Preset::NONE
    },
    Preset {
        name: "pingam",
        issuers: &[
            "https://{domain}:443/am/oauth2/realms/root/realms/{realm}",
            "https://{domain}:443/am/oauth2",
        ],
        parts: &[DOMAIN, Part::new("realm", Form::Segment)],
        expected_claims: &[("tokenName", &["access_token"])],
        ..Preset::NONE
    },
    Preset {
        name: "curity",
        issuers: &["https://{domain}/oauth/v2/oauth-anonymous"],
        parts: &[DOMAIN],
        expected_claims: &[("purpose", &["access_token"])],
        ..Preset::NONE
    },
    Preset {
        name: "zitadel",
        issuers: &["https://{domain}"],
        parts: &[DOMAIN],
        required_claims: &["jti"],
        roles_claims: &["urn:zitadel:iam:org:project:roles"],
        roles_shape: Some(ClaimShape::Keys),
        ..Preset::NONE
    },
    Preset {
        name: "authentik",
        issuers: &["https://{domain}/application/o/{application}/"],
        parts: &[DOMAIN, Part::new("application", Form::Segment)],
        // Its ID tokens have no `scope`.
        required_claims: &["scope"],
        roles_claims: &["groups"],
        ..Preset::NONE
    },
    Preset {
        name: "authelia",
        issuers: &["https://{domain}"],
        parts: &[DOMAIN],
        required_claims: &["client_id"],
        ..RFC_9068
    },
    Preset {
        name: "kanidm",
        issuers: &["https://{domain}/oauth2/openid/{application}"],
        parts: &[DOMAIN, Part::new("application", Form::Segment)],
        algorithms: &["ES256", "RS256"],
        required_claims: &["client_id"],
        ..RFC_9068
    },
    Preset {
        name: "fusionauth",
        jwks_url: Some("https://{domain}/.well-known/jwks.json"),
        parts: &[DOMAIN],
        required_claims: &["applicationId"],
        ..Preset::NONE
    },
    Preset {
        name: "wso2",
        aliases: &["asgardeo"],
        issuers: &[
            "https://{domain}/t/{tenant}/oauth2/token",
            "https://{domain}/oauth2/token",
        ],
        parts: &[DOMAIN, Part::new("tenant", Form::Segment)],
        expected_claims: &[("aut", &["APPLICATION", "APPLICATION_USER"])],
        roles_claims: &["roles", "groups", "http://wso2.org/claims/role"],
        roles_shape: Some(ClaimShape::Comma),
        ..Preset::NONE
    },
    Preset {
        name: "logto",
        issuers: &["https://{tenant}.logto.app/oidc", "https://{domain}/oidc"],
        parts: &[Part::new("tenant", Form::Label), DOMAIN],
        required_claims: &["client_id"],
        ..RFC_9068
    },
    Preset {
        name: "clerk",
        issuers: &["https://{domain}"],
        parts: &[DOMAIN],
        algorithms: &["RS256"],
        audience_claims: &["aud", "azp", "client_id"],
        roles_claims: &["o.rol", "org_role"],
        roles_shape: Some(ClaimShape::Text),
        permissions_claims: &["o.per", "org_permissions"],
        permissions_shape: Some(ClaimShape::Comma),
        ..Preset::NONE
    },
    Preset {
        name: "supabase",
        issuers: &[
            "https://{project}.supabase.co/auth/v1",
            "https://{domain}/auth/v1",
        ],
        parts: &[Part::new("project", Form::Label), DOMAIN],
        algorithms: &["ES256", "RS256", "EdDSA"],
        required_claims: &["session_id"],
        roles_claims: &["role"],
        roles_shape: Some(ClaimShape::Text),
        ..Preset::NONE
    },
    Preset {
        name: "firebase",
        issuers: &["https://securetoken.google.com/{project}"],
        parts: &[Part::new("project", Form::Label)],
        algorithms: &["RS256"],
        required_claims: &["sub", "auth_time", "firebase"],
        ..Preset::NONE
    },
    Preset {
        name: "hydra",
        aliases: &["ory"],
        issuers: &["https://{domain}/"],
        parts: &[DOMAIN],
        required_claims: &["client_id"],
        roles_claims: &["ext.roles"],
        ..Preset::NONE
    },
    Preset {
        name: "dex",
        issuers: &["https://{domain}"],
        parts: &[DOMAIN],
        accept_id_tokens: true,
        roles_claims: &["groups"],
        ..Preset::NONE
    },
    Preset {
        name: "oidc-provider",
        issuers: &["https://{domain}"],
        parts: &[DOMAIN],
        required_claims: &["client_id"],
        ..RFC_9068
    },
    Preset {
        name: "kubernetes",
        issuers: &["https://kubernetes.default.svc.cluster.local"],
        jwks_url: Some("https://kubernetes.default.svc/openid/v1/jwks"),
        jwks_bearer_file: Some("/var/run/secrets/kubernetes.io/serviceaccount/token"),
        required_claims: &["/kubernetes.io/serviceaccount"],
        ..Preset::NONE
    },
    Preset {
        name: "github-actions",
        issuers: &[
            "https://{domain}/_services/token",
            "https://token.actions.githubusercontent.com",
        ],
        parts: &[DOMAIN],
        open_until: Some("repository_owner"),
        algorithms: &["RS256"],
        required_claims: &["repository"],
        ..Preset::NONE
    },
    Preset {
        name: "gitlab-ci",
        issuers: &["https://{domain}"],
        parts: &[DOMAIN.or("gitlab.com")],
        open_until: Some("namespace_path"),
        algorithms: &["RS256"],
        required_claims: &["project_path"],
        ..Preset::NONE
    },
    Preset {
        name: "google",
        issuers: &["https://accounts.google.com"],
        open_until: Some("email"),
        algorithms: &["RS256"],
        ..Preset::NONE
    },
    Preset {
        name: "iap",
        issuers: &["https://cloud.google.com/iap"],
        jwks_url: Some("https://www.gstatic.com/iap/verify/public_key-jwk"),
        token_header: Some("x-goog-iap-jwt-assertion"),
        algorithms: &["ES256"],
        ..Preset::NONE
    },
    Preset {
        name: "cloudflare-access",
        issuers: &["https://{domain}"],
        jwks_url: Some("https://{domain}/cdn-cgi/access/certs"),
        token_header: Some("cf-access-jwt-assertion"),
        parts: &[DOMAIN],
        algorithms: &["RS256"],
        expected_claims: &[("type", &["app"])],
        ..Preset::NONE
    },
    Preset {
        name: "aws-alb",
        token_header: Some("x-amzn-oidc-accesstoken"),
        ..COGNITO
    },
    Preset {
        name: "spiffe",
        issuers: &["https://{domain}"],
        parts: &[DOMAIN],
        without_iss: true,
        algorithms: &[
            "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512",
        ],
        token_typs: &["JWT", "JOSE"],
        required_claims: &["sub"],
        ..Preset::NONE
    },
];

/// The region is the start of the pool's id. An ALB hands on the tokens of a pool.
const COGNITO: Preset = Preset {
    name: "cognito",
    issuers: &["https://cognito-idp.{region}.amazonaws.com/{pool}"],
    parts: &[
        Part::new("region", Form::Region),
        Part::new("pool", Form::Pool),
    ],
    algorithms: &["RS256"],
    expected_claims: &[("token_use", &["access"])],
    audience_claims: &["aud", "client_id"],
    roles_claims: &["cognito:groups"],
    ..Preset::NONE
};

/// Access tokens that are told by their `typ` (RFC 9068 §2.1).
const RFC_9068: Preset = Preset {
    token_typs: &["at+jwt"],
    require_typ: true,
    ..Preset::NONE
};

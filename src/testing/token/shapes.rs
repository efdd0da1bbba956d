//! Tokens as well-known products issue them.

use serde_json::{Value, json};

use super::TokenBuilder;

/// Tokens as well-known products issue them, to test the settings for a product.
///
/// First call [`subject`](Self::subject), [`scopes`](Self::scopes), [`roles`](Self::roles),
/// [`permissions`](Self::permissions) and [`client_id`](Self::client_id); then the product, which
/// moves them into its own claims; then set further claims. Issuer, audience and key stay those of
/// the test issuer. The products sign with RS256; set it with [`algorithm`](Self::algorithm).
impl TokenBuilder<'_> {
    /// Makes it an access token of Amazon Cognito: no `typ` and no `aud`, but `token_use` and
    /// `client_id` (default: the audience of the issuer). Roles are `cognito:groups`.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    /// use serde_json::json;
    ///
    /// let builder = TestIssuer::builder().audience("1example23456789");
    /// let issuer = builder.offline("https://issuer.example.test");
    /// let token = issuer.token().scopes(["orders/read"]).roles(["admin"]).as_cognito().sign();
    ///
    /// // The audience is in client_id. Only token_use distinguishes access tokens from ID tokens.
    /// let config = Config {
    ///     audience: vec!["1example23456789".into()],
    ///     audience_claims: vec!["client_id".into()],
    ///     expected_claims: [("token_use".into(), json!("access"))].into(),
    ///     roles_claims: vec!["cognito:groups".into()],
    ///     iss_url: Some(issuer.url().into()),
    ///     ..Config::default()
    /// };
    /// # let rocket = || rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    /// # rocket::async_test(async {
    /// # let fairing = axioms_rocket::AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    /// # let app = rocket().attach(fairing).ignite().await.unwrap();
    /// let token = axioms_rocket::testing::verify(&app, &token).await.unwrap();
    /// assert!(token.has_scope("orders/read") && token.has_role("admin"));
    /// # })
    /// ```
    pub fn as_cognito(self) -> Self {
        let generic = GenericClaims::take(self);
        let user = generic.subject.clone();
        let client = generic
            .client
            .clone()
            .unwrap_or_else(|| generic.token.issuer.audience().into());
        let auth_time = generic.token.now.as_secs();
        generic
            .token
            .without_header("typ")
            .without("aud")
            .claim("client_id", client)
            .claim("token_use", "access")
            .claim("version", 2)
            .claim("auth_time", auth_time)
            .claim("origin_jti", "5b2a6e0c-0000-4000-8000-000000000001")
            .claim("event_id", "5b2a6e0c-0000-4000-8000-000000000002")
            .claim_if("username", user)
            .claim_if("scope", generic.scope)
            .claim_if("cognito:groups", generic.roles)
            .claim_if("permissions", generic.permissions)
    }

    /// Makes it an access token of Auth0 (Auth0 profile, with role-based access control): `typ` is
    /// `JWT`, `aud` has two entries, the client is `azp`, there is no `jti`. Roles are in the
    /// namespaced claim `<audience>/roles`, which an Action sets.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    ///
    /// let issuer = TestIssuer::builder().offline("https://tenant.example.test/");
    /// let token = issuer.token().scope("openid").permissions(["read:orders"]).roles(["admin"]);
    /// let token = token.as_auth0().sign();
    ///
    /// // The issuer URL of Auth0 ends with a slash.
    /// let config = Config {
    ///     audience: vec!["https://api.example.test".into()],
    ///     roles_claims: vec!["https://api.example.test/roles".into()],
    ///     iss_url: Some("https://tenant.example.test/".into()),
    ///     ..Config::default()
    /// };
    /// # let rocket = || rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    /// # rocket::async_test(async {
    /// # let fairing = axioms_rocket::AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    /// # let app = rocket().attach(fairing).ignite().await.unwrap();
    /// let token = axioms_rocket::testing::verify(&app, &token).await.unwrap();
    /// assert!(token.has_permission("read:orders") && token.has_role("admin"));
    /// # })
    /// ```
    pub fn as_auth0(self) -> Self {
        let generic = GenericClaims::take(self);
        let roles_claim = format!("{}/roles", generic.token.issuer.audience());
        let mut audiences = match generic.token.claims.get("aud") {
            Some(Value::Array(several)) => several.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let iss = generic.token.issuer.url();
        audiences.push(format!("{}/userinfo", iss.strip_suffix('/').unwrap_or(iss)).into());
        generic
            .token
            .typ("JWT")
            .without("jti")
            .claim("aud", audiences)
            .claim(
                "azp",
                generic.client.unwrap_or_else(|| "my_client_id".into()),
            )
            .claim_if("scope", generic.scope)
            .claim_if("permissions", generic.permissions)
            .claim_if(&roles_claim, generic.roles)
    }

    /// Makes it an access token of a custom authorization server of Okta: no `typ`, scopes are the
    /// array `scp`, the client is `cid`. Roles are `groups`, a claim that must be configured there.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    ///
    /// let builder = TestIssuer::builder().audience("api://default");
    /// let issuer = builder.offline("https://issuer.example.test/oauth2/default");
    /// let token = issuer.token().scopes(["orders.read"]).roles(["admin"]).as_okta().sign();
    ///
    /// // `scp` is one of the default scope claims.
    /// let config = Config {
    ///     audience: vec!["api://default".into()],
    ///     roles_claims: vec!["groups".into()],
    ///     iss_url: Some(issuer.url().into()),
    ///     ..Config::default()
    /// };
    /// # let rocket = || rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    /// # rocket::async_test(async {
    /// # let fairing = axioms_rocket::AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    /// # let app = rocket().attach(fairing).ignite().await.unwrap();
    /// let token = axioms_rocket::testing::verify(&app, &token).await.unwrap();
    /// assert!(token.has_scope("orders.read") && token.has_role("admin"));
    /// # })
    /// ```
    pub fn as_okta(self) -> Self {
        let generic = GenericClaims::take(self);
        let scopes = generic.scope_list();
        let auth_time = generic.token.now.as_secs();
        generic
            .token
            .without_header("typ")
            .claim("ver", 1)
            .claim("jti", "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE")
            .claim(
                "cid",
                generic
                    .client
                    .unwrap_or_else(|| "0oabucvyc38HLL1ef0h7".into()),
            )
            .claim("uid", "00uid4BxXw6I6TV4m0g3")
            .claim("auth_time", auth_time)
            .claim_if("scp", scopes)
            .claim_if("groups", generic.roles)
            .claim_if("permissions", generic.permissions)
    }

    /// Makes it a delegated access token of Microsoft Entra ID, version 2.0: `typ` is `JWT`, scopes
    /// are the string `scp`, the client is `azp`, with `oid` and `tid`, without `jti`.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    /// use serde_json::json;
    ///
    /// let api = "6e74172b-be56-4843-9ff4-e66a39bb12e3"; // always the client id of the API
    /// let builder = TestIssuer::builder().audience(api);
    /// let issuer = builder.offline("https://issuer.example.test/72f988bf/v2.0");
    /// let token = issuer.token().scope("access_as_user").roles(["admin"]).as_entra_v2().sign();
    ///
    /// // `scp` and `roles` are read by default.
    /// let config = Config {
    ///     audience: vec![api.into()],
    ///     expected_claims: [("ver".into(), json!("2.0"))].into(),
    ///     iss_url: Some(issuer.url().into()),
    ///     ..Config::default()
    /// };
    /// # let rocket = || rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    /// # rocket::async_test(async {
    /// # let fairing = axioms_rocket::AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    /// # let app = rocket().attach(fairing).ignite().await.unwrap();
    /// let token = axioms_rocket::testing::verify(&app, &token).await.unwrap();
    /// assert!(token.has_scope("access_as_user") && token.has_role("admin"));
    /// # })
    /// ```
    pub fn as_entra_v2(self) -> Self {
        let generic = GenericClaims::take(self);
        let not_before = generic.token.claims.get("iat").cloned();
        let client = generic
            .client
            .unwrap_or_else(|| generic.token.issuer.audience().into());
        generic
            .token
            .typ("JWT")
            .without("jti")
            .claim_if("nbf", not_before)
            .claim("aio", "AXQAi")
            .claim("azp", client)
            .claim("azpacr", "0")
            .claim("oid", "690222be-ff1a-4d56-abd1-7e4f7d38e474")
            .claim("rh", "I")
            .claim("tid", "72f988bf-86f1-41af-91ab-2d7cd011db47")
            .claim("uti", "u")
            .claim("ver", "2.0")
            .claim_if("scp", generic.scope)
            .claim_if("roles", generic.roles)
            .claim_if("permissions", generic.permissions)
    }

    /// Makes it an access token of Keycloak 26: `typ` is `JWT`, the claim `typ` is `Bearer`, the
    /// client is `azp`. Roles are the realm roles in `realm_access`; permissions are the roles of
    /// the client `my-api` in `resource_access`.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    /// use serde_json::json;
    ///
    /// let builder = TestIssuer::builder().audience("my-api");
    /// let issuer = builder.offline("https://issuer.example.test/realms/demo");
    /// let token = issuer.token().roles(["admin"]).permissions(["orders:read"]);
    /// let token = token.as_keycloak().sign();
    ///
    /// // Keycloak adds the API to `aud` only with an audience mapper.
    /// let config = Config {
    ///     audience: vec!["my-api".into()],
    ///     expected_claims: [("typ".into(), json!("Bearer"))].into(),
    ///     roles_claims: vec!["realm_access.roles".into()],
    ///     permissions_claims: vec!["resource_access.my-api.roles".into()],
    ///     iss_url: Some(issuer.url().into()),
    ///     ..Config::default()
    /// };
    /// # let rocket = || rocket::custom(rocket::Config::figment().merge(("log_level", "off")));
    /// # rocket::async_test(async {
    /// # let fairing = axioms_rocket::AxiomsFairing::from_config(config).with_keys(issuer.jwks());
    /// # let app = rocket().attach(fairing).ignite().await.unwrap();
    /// let token = axioms_rocket::testing::verify(&app, &token).await.unwrap();
    /// assert!(token.has_role("admin") && token.has_permission("orders:read"));
    /// # })
    /// ```
    pub fn as_keycloak(self) -> Self {
        let generic = GenericClaims::take(self);
        let mut audiences = match generic.token.claims.get("aud") {
            Some(Value::Array(several)) => several.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        audiences.push("account".into());
        let mut realm = vec![json!("offline_access"), json!("uma_authorization")];
        realm.extend(
            generic
                .roles
                .as_ref()
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .cloned(),
        );
        let mut resources = json!({ "account": { "roles": ["view-profile"] } });
        if let Some(permissions) = generic.permissions {
            resources["my-api"] = json!({ "roles": permissions });
        }
        let auth_time = generic.token.now.as_secs();
        generic
            .token
            .typ("JWT")
            .claim("aud", audiences)
            .claim("typ", "Bearer")
            .claim("azp", generic.client.unwrap_or_else(|| "demo-app".into()))
            .claim("auth_time", auth_time)
            .claim("sid", "2a88c258-0000-4000-8000-000000000001")
            .claim("acr", "1")
            .claim("allowed-origins", json!(["https://app.example.test"]))
            .claim("realm_access", json!({ "roles": realm }))
            .claim("resource_access", resources)
            .claim("email_verified", true)
            .claim_if("preferred_username", generic.subject)
            .claim_if("scope", generic.scope)
    }

    fn claim_if(self, name: &str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.claim(name, value),
            None => self.without(name),
        }
    }
}

/// The generic claims of a token, removed from it to be renamed.
struct GenericClaims<'a> {
    token: TokenBuilder<'a>,
    subject: Option<Value>,
    client: Option<Value>,
    scope: Option<Value>,
    roles: Option<Value>,
    permissions: Option<Value>,
}

impl<'a> GenericClaims<'a> {
    fn take(mut token: TokenBuilder<'a>) -> Self {
        let subject = token.claims.get("sub").cloned();
        let [client, scope, roles, permissions] =
            ["client_id", "scope", "roles", "permissions"].map(|name| token.claims.remove(name));
        Self {
            token,
            subject,
            client,
            scope,
            roles,
            permissions,
        }
    }

    fn scope_list(&self) -> Option<Value> {
        match &self.scope {
            Some(Value::String(text)) => {
                Some(text.split(' ').filter(|name| !name.is_empty()).collect())
            }
            other => other.clone(),
        }
    }
}

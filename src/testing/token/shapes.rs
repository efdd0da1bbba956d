//! Tokens in the shapes of well-known products.

use serde_json::{Value, json};

use super::TokenBuilder;

/// The shapes of well-known products, for a test that the settings for one of them are right.
///
/// Say first whom and what, with [`subject`](Self::subject), [`scopes`](Self::scopes), [`roles`](Self::roles),
/// [`permissions`](Self::permissions), [`client_id`](Self::client_id); then the shape, which puts them where the product has
/// them; then, if you must, further claims. `iss` stays that of the test issuer, and so do the audience and the key: the
/// products sign with RS256, for which there is [`algorithm`](Self::algorithm).
impl TokenBuilder<'_> {
    /// An access token of a user of Amazon Cognito: no `typ` and no `aud`, but `client_id` (by default the audience of the
    /// issuer) and `token_use`; roles are `cognito:groups`.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::builder().audience("1example23456789").offline("https://issuer.example.test");
    /// let token = issuer.token().scopes(["orders/read"]).roles(["admin"]).as_cognito().sign();
    ///
    /// // Cognito says for whom in client_id. Only token_use tells its access tokens from its ID tokens.
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
        let asked = Asked::take(self);
        let user = asked.subject.clone();
        let client = asked
            .client
            .clone()
            .unwrap_or_else(|| asked.token.issuer.audience().into());
        let auth_time = asked.token.now.as_secs();
        asked
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
            .claim_if("scope", asked.scope)
            .claim_if("cognito:groups", asked.roles)
            .claim_if("permissions", asked.permissions)
    }

    /// An access token of a user of Auth0 in the Auth0 profile, with role-based access control: `typ` is `JWT`, there are two
    /// audiences, the client is `azp`, there is no `jti`; roles are in the namespaced claim `<audience>/roles`, as an Action
    /// would put them there.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    ///
    /// let issuer = TestIssuer::builder().offline("https://tenant.example.test/");
    /// let token = issuer.token().scope("openid").permissions(["read:orders"]).roles(["admin"]).as_auth0().sign();
    ///
    /// // The issuer of Auth0 ends with a slash.
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
    /// assert!(token.has_scope("openid") && token.has_permission("read:orders") && token.has_role("admin"));
    /// # })
    /// ```
    pub fn as_auth0(self) -> Self {
        let asked = Asked::take(self);
        let roles_claim = format!("{}/roles", asked.token.issuer.audience());
        let mut audiences = match asked.token.claims.get("aud") {
            Some(Value::Array(several)) => several.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let iss = asked.token.issuer.url();
        audiences.push(format!("{}/userinfo", iss.strip_suffix('/').unwrap_or(iss)).into());
        asked
            .token
            .typ("JWT")
            .without("jti")
            .claim("aud", audiences)
            .claim("azp", asked.client.unwrap_or_else(|| "my_client_id".into()))
            .claim_if("scope", asked.scope)
            .claim_if("permissions", asked.permissions)
            .claim_if(&roles_claim, asked.roles)
    }

    /// An access token of a custom authorization server of Okta: no `typ`, scopes are the list `scp`, the client is `cid`;
    /// roles are `groups`, if that claim is set up there.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    ///
    /// let issuer = TestIssuer::builder().audience("api://default").offline("https://issuer.example.test/oauth2/default");
    /// let token = issuer.token().scopes(["openid", "orders.read"]).roles(["admin"]).as_okta().sign();
    ///
    /// // `scp` is among the scope claims by default.
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
        let asked = Asked::take(self);
        let scopes = asked.scope_list();
        let auth_time = asked.token.now.as_secs();
        asked
            .token
            .without_header("typ")
            .claim("ver", 1)
            .claim("jti", "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE")
            .claim(
                "cid",
                asked
                    .client
                    .unwrap_or_else(|| "0oabucvyc38HLL1ef0h7".into()),
            )
            .claim("uid", "00uid4BxXw6I6TV4m0g3")
            .claim("auth_time", auth_time)
            .claim_if("scp", scopes)
            .claim_if("groups", asked.roles)
            .claim_if("permissions", asked.permissions)
    }

    /// A delegated access token of Microsoft Entra ID, version 2.0: `typ` is `JWT`, scopes are the text `scp`, the client is
    /// `azp`, there are `oid` and `tid` and no `jti`.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    /// use serde_json::json;
    ///
    /// let api = "6e74172b-be56-4843-9ff4-e66a39bb12e3"; // the client id of the API, always
    /// let issuer = TestIssuer::builder().audience(api).offline("https://issuer.example.test/72f988bf/v2.0");
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
        let asked = Asked::take(self);
        let not_before = asked.token.claims.get("iat").cloned();
        let client = asked
            .client
            .unwrap_or_else(|| asked.token.issuer.audience().into());
        asked
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
            .claim_if("scp", asked.scope)
            .claim_if("roles", asked.roles)
            .claim_if("permissions", asked.permissions)
    }

    /// An access token of Keycloak 26: `typ` is `JWT` and the claim `typ` is `Bearer`, the client is `azp`, roles of the realm
    /// are in `realm_access`, and permissions are the roles of the client `my-api` in `resource_access`.
    ///
    /// ```
    /// # use axioms_rocket::testing::TestIssuer;
    /// use axioms_rocket::Config;
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::builder().audience("my-api").offline("https://issuer.example.test/realms/demo");
    /// let token = issuer.token().scope("openid").roles(["admin"]).permissions(["orders:read"]).as_keycloak().sign();
    ///
    /// // Keycloak names the API in `aud` only with an audience mapper.
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
    /// assert!(token.has_scope("openid") && token.has_role("admin") && token.has_permission("orders:read"));
    /// # })
    /// ```
    pub fn as_keycloak(self) -> Self {
        let asked = Asked::take(self);
        let mut audiences = match asked.token.claims.get("aud") {
            Some(Value::Array(several)) => several.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        audiences.push("account".into());
        let mut realm = vec![json!("offline_access"), json!("uma_authorization")];
        realm.extend(
            asked
                .roles
                .as_ref()
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .cloned(),
        );
        let mut resources = json!({ "account": { "roles": ["view-profile"] } });
        if let Some(permissions) = asked.permissions {
            resources["my-api"] = json!({ "roles": permissions });
        }
        let auth_time = asked.token.now.as_secs();
        asked
            .token
            .typ("JWT")
            .claim("aud", audiences)
            .claim("typ", "Bearer")
            .claim("azp", asked.client.unwrap_or_else(|| "demo-app".into()))
            .claim("auth_time", auth_time)
            .claim("sid", "2a88c258-0000-4000-8000-000000000001")
            .claim("acr", "1")
            .claim("allowed-origins", json!(["https://app.example.test"]))
            .claim("realm_access", json!({ "roles": realm }))
            .claim("resource_access", resources)
            .claim("email_verified", true)
            .claim_if("preferred_username", asked.subject)
            .claim_if("scope", asked.scope)
    }

    fn claim_if(self, name: &str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.claim(name, value),
            None => self.without(name),
        }
    }
}

/// What the test asked for under our own names, taken off the token.
struct Asked<'a> {
    token: TokenBuilder<'a>,
    subject: Option<Value>,
    client: Option<Value>,
    scope: Option<Value>,
    roles: Option<Value>,
    permissions: Option<Value>,
}

impl<'a> Asked<'a> {
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

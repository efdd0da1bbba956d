//! Scopes, roles and permissions.

use super::held::TokenClaims;
use super::valid::ValidToken;

impl<C: TokenClaims> ValidToken<C> {
    /// Returns the scopes, from the first claim of the setting `scope_claims` that is present.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "scope": "read write" }));
    /// assert_eq!(token.scopes().next(), Some("read"));
    /// ```
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.verified().scopes().iter()
    }

    /// Returns the roles, from the first claim of the setting `roles_claims` that is present.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "roles": ["editor"] }));
    /// assert_eq!(token.roles().next(), Some("editor"));
    /// ```
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.verified().roles().iter()
    }

    /// Returns the permissions, from the first claim of the setting `permissions_claims` that is
    /// present.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "permissions": ["sample:read"] }));
    /// assert_eq!(token.permissions().next(), Some("sample:read"));
    /// ```
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.verified().permissions().iter()
    }

    /// Returns whether the token has this scope. Names are compared whole and case-sensitively.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "scope": "read write" }));
    /// assert!(token.has_scope("read") && !token.has_scope("rea"));
    /// ```
    pub fn has_scope(&self, scope: &str) -> bool {
        self.verified().scopes().has(scope)
    }

    /// Returns whether the token has this role. Names are compared whole and case-sensitively.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "roles": ["editor"] }));
    /// assert!(token.has_role("editor") && !token.has_role("edito"));
    /// ```
    pub fn has_role(&self, role: &str) -> bool {
        self.verified().roles().has(role)
    }

    /// Returns whether the token has this permission. Names are compared whole and
    /// case-sensitively.
    ///
    /// ```
    /// # use axioms_rocket::testing::token_with;
    /// # use serde_json::json;
    /// let token = token_with(json!({ "permissions": ["sample:read"] }));
    /// assert!(token.has_permission("sample:read") && !token.has_permission("sample:rea"));
    /// ```
    pub fn has_permission(&self, permission: &str) -> bool {
        self.verified().permissions().has(permission)
    }
}

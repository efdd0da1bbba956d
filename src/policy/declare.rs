//! Lists of names are checked when the program is compiled.

use super::ClaimKind;

/// Panics, at compile time, unless `names` can be satisfied: at least one name, none of them empty, and scopes made
/// of RFC 6749 §3.3's `scope-token` characters.
#[doc(hidden)]
#[track_caller] // The compiler then points at the declaration, not in here.
pub const fn check(names: &'static [&'static str], kind: ClaimKind) {
    assert!(
        !names.is_empty(),
        "an empty list can never be satisfied: name at least one"
    );
    let mut place = 0;
    while place < names.len() {
        let name = names[place].as_bytes();
        assert!(
            !name.is_empty(),
            "an empty name can never be satisfied: remove it or write it out"
        );
        let mut at = 0;
        while at < name.len() {
            if matches!(kind, ClaimKind::Scope) {
                assert!(
                    is_scope_character(name[at]),
                    "a scope holds no space, no quote, no backslash and ASCII only (RFC 6749 section 3.3); write several as `\"one\" | \"two\"`"
                );
            }
            at += 1;
        }
        place += 1;
    }
}

const fn is_scope_character(octet: u8) -> bool {
    matches!(octet, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

macro_rules! declare {
    ($(#[$doc:meta])* $macro:ident, $list:ident::$NAMES:ident, $kind:ident, $example:literal, $d:tt) => {
        $(#[$doc])*
        #[macro_export]
        macro_rules! $macro {
            ($d($d(#[$d meta:meta])* $d vis:vis $d name:ident = $d($d text:literal)|+;)+) => {
                $d(
                    $d(#[$d meta])*
                    #[doc = concat!("Any of: ", $d("`", $d text, "` ",)+)]
                    #[allow(dead_code, reason = "a marker is a name, never a value")]
                    $d vis enum $d name {}

                    impl $crate::$list for $d name {
                        const $NAMES: &'static [&'static str] = &[$d($d text),+];
                    }

                    const _: () = $crate::__check_names(&[$d($d text),+], $crate::ClaimKind::$kind);
                )+
            };
            // What people get wrong, with words for it.
            ($d($d(#[$d meta:meta])* $d vis:vis $d name:ident = ;)+) => {
                ::core::compile_error!(concat!(
                    "an empty list can never be satisfied: name at least one, as in `", $example, "`"
                ));
            };
            () => {
                ::core::compile_error!(concat!("declare at least one list, as in `", $example, "`"));
            };
            ($d($d other:tt)*) => {
                ::core::compile_error!(concat!(
                    "expected `", $example, "`: string literals with `|` between them, and `;` at the end"
                ));
            };
        }
    };
}

declare! {
    /// Declares lists of scopes for [`Scopes`](crate::Scopes): OR inside a list, AND by another guard.
    ///
    /// Each name becomes an uninhabited type that implements [`ScopeList`](crate::ScopeList). An empty list, an empty
    /// name, or a character outside RFC 6749 §3.3's `scope-token` does not compile.
    ///
    /// ```
    /// axioms_rocket::scopes! {
    ///     /// What a profile page needs.
    ///     pub Profile = "openid" | "profile";
    ///     Admin = "admin";
    /// }
    /// ```
    scopes, ScopeList::SCOPES, Scope, r#"scopes! { pub Read = "read" | "read:all"; }"#, $
}

declare! {
    /// Declares lists of roles for [`Roles`](crate::Roles): OR inside a list, AND by another guard.
    ///
    /// Each name becomes an uninhabited type that implements [`RoleList`](crate::RoleList). An empty list or an empty
    /// name does not compile.
    ///
    /// ```
    /// axioms_rocket::roles! { pub Editor = "editor" | "admin"; }
    /// ```
    roles, RoleList::ROLES, Role, r#"roles! { pub Editor = "editor" | "admin"; }"#, $
}

declare! {
    /// Declares lists of permissions for [`Permissions`](crate::Permissions): OR inside a list, AND by another guard.
    ///
    /// Each name becomes an uninhabited type that implements [`PermissionList`](crate::PermissionList). An empty list or
    /// an empty name does not compile.
    ///
    /// ```
    /// axioms_rocket::permissions! { pub CreateSample = "sample:create"; }
    /// ```
    permissions, PermissionList::PERMISSIONS, Permission, r#"permissions! { pub Create = "sample:create"; }"#, $
}

//! The declaring macros, and the checks that run when the program is compiled.

use super::{ClaimKind, ClaimValue};

/// Panics, at compile time, unless `names` can be satisfied: at least one name, none of them empty,
/// and scopes made of RFC 6749 §3.3's `scope-token` characters. Names that imply them, of which
/// there may be none, are checked likewise.
#[doc(hidden)]
#[track_caller] // The compiler then points at the declaration, not in here.
pub const fn check(
    names: &'static [&'static str],
    implied_by: &'static [&'static str],
    kind: ClaimKind,
) {
    assert!(
        !names.is_empty(),
        "an empty list can never be satisfied: name at least one"
    );
    check_each(names, kind);
    check_each(implied_by, kind);
    let mut rest = implied_by;
    while let Some((name, others)) = rest.split_first() {
        rest = others;
        assert!(
            !contains(names, name),
            "`implied by` repeats a name of the list itself: leave it out"
        );
    }
}

const fn contains(names: &[&str], wanted: &str) -> bool {
    let mut rest = names;
    while let Some((name, others)) = rest.split_first() {
        rest = others;
        if equal(name.as_bytes(), wanted.as_bytes()) {
            return true;
        }
    }
    false
}

/// `==` of slices is not const.
const fn equal(mut left: &[u8], mut right: &[u8]) -> bool {
    while let (Some((a, left_rest)), Some((b, right_rest))) =
        (left.split_first(), right.split_first())
    {
        if *a != *b {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.is_empty() && right.is_empty()
}

#[track_caller]
const fn check_each(names: &'static [&'static str], kind: ClaimKind) {
    let mut rest = names;
    while let Some((name, others)) = rest.split_first() {
        rest = others;
        assert!(
            !name.is_empty(),
            "an empty name can never be satisfied: remove it or write it out"
        );
        let mut bytes = name.as_bytes();
        while let Some((byte, others)) = bytes.split_first() {
            bytes = others;
            if matches!(kind, ClaimKind::Scope) {
                assert!(
                    matches!(*byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E),
                    "a scope holds no space, no quote, no backslash and ASCII only \
                     (RFC 6749 section 3.3); write several as `\"one\" | \"two\"`"
                );
            }
        }
    }
}

/// Panics, at compile time, for an empty list, an empty name, or, with `asked_for`, a name that a
/// challenge cannot ask for: `acr_values` has spaces between its values (RFC 9470 §3).
#[doc(hidden)]
#[track_caller]
pub const fn check_plain(names: &'static [&'static str], asked_for: bool) {
    assert!(
        !names.is_empty(),
        "an empty list can never be satisfied: name at least one"
    );
    let mut rest = names;
    while let Some((name, others)) = rest.split_first() {
        rest = others;
        assert!(
            !name.is_empty(),
            "an empty name can never be satisfied: remove it or write it out"
        );
        let mut bytes = name.as_bytes();
        while let Some((byte, others)) = bytes.split_first() {
            bytes = others;
            assert!(
                !asked_for || matches!(*byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E),
                "a level holds no space, no quote, no backslash and ASCII only, since a challenge \
                 names it in `acr_values`; write several as `\"one\" | \"two\"`"
            );
        }
    }
}

/// Panics, at compile time, for a claim without a name, with an empty text among its values, or
/// with the part of a text that has no separator at its open side.
#[doc(hidden)]
#[track_caller]
pub const fn check_claim(claim: &'static str, values: &'static [ClaimValue]) {
    assert!(
        !claim.is_empty(),
        "a claim needs a name: write it as in the settings, \
         as in `pub Staff = \"groups\": \"staff\";`"
    );
    let mut rest = values;
    while let Some((value, others)) = rest.split_first() {
        rest = others;
        let (text, open_side) = match value {
            ClaimValue::Text(text) => (text, None),
            ClaimValue::StartsWith(start) => (start, start.as_bytes().last()),
            ClaimValue::EndsWith(end) => (end, end.as_bytes().first()),
            _ => continue,
        };
        assert!(
            !text.is_empty(),
            "an empty text names nothing: remove it, \
             or list no values for a claim that must only be present"
        );
        if let Some(byte) = open_side {
            assert!(
                !(byte.is_ascii_alphanumeric() || matches!(*byte, b'-' | b'_' | 0x80..)),
                "a start must end, and an end must begin, with a separator such as `/`, `:` or \
                 `@`: `repo:acme` would also accept `repo:acme-evil/api`"
            );
        }
    }
}

/// A literal of `claims!`: its type chooses the kind of [`ClaimValue`].
#[doc(hidden)]
pub struct Literal<T>(pub T);

macro_rules! literals {
    ($($kind:ident: $type:ty;)+) => {$(
        impl Literal<$type> {
            pub const fn value(self) -> ClaimValue {
                ClaimValue::$kind(self.0)
            }
        }
    )+};
}

literals! {
    Text: &'static str;
    Integer: i128;
    Float: f64;
    Bool: bool;
}

macro_rules! declare {
    (
        $(#[$doc:meta])*
        $macro:ident, $list:ident::$NAMES:ident, $kind:ident, $example:literal, $d:tt
    ) => {
        $(#[$doc])*
        #[macro_export]
        macro_rules! $macro {
            ($d(
                $d(#[$d meta:meta])*
                $d vis:vis $d name:ident = $d($d text:literal)|+
                    $d(implied by $d($d implied:literal)|+)?;
            )+) => {
                $d(
                    $d(#[$d meta])*
                    #[doc = concat!("Any of: ", $d("`", $d text, "` ",)+)]
                    $d(#[doc = concat!("Implied by: ", $d("`", $d implied, "` ",)+)])?
                    #[allow(dead_code, reason = "a marker is a name, never a value")]
                    $d vis enum $d name {}

                    impl $crate::$list for $d name {
                        const $NAMES: &'static [&'static str] = &[$d($d text),+];
                        const IMPLIED_BY: &'static [&'static str] = &[$d($d($d implied),+)?];
                    }

                    const _: () = $crate::__check_names(
                        <$d name as $crate::$list>::$NAMES,
                        <$d name as $crate::$list>::IMPLIED_BY,
                        $crate::ClaimKind::$kind,
                    );
                )+
            };
            // Frequent mistakes, each with its message.
            ($d($d(#[$d meta:meta])* $d vis:vis $d name:ident = ;)+) => {
                ::core::compile_error!(concat!(
                    "an empty list can never be satisfied: name at least one, as in `",
                    $example, "`"
                ));
            };
            () => {
                ::core::compile_error!(concat!(
                    "declare at least one list, as in `", $example, "`"
                ));
            };
            ($d($d other:tt)*) => {
                ::core::compile_error!(concat!(
                    "expected `", $example,
                    "`: string literals with `|` between them, and `;` at the end; ",
                    "stronger names follow as in `\"low\" implied by \"high\" | \"all\";`"
                ));
            };
        }
    };
}

declare! {
    /// Declares lists of scopes for [`Scopes`](crate::Scopes): OR inside a list, AND by another
    /// guard.
    ///
    /// Each name becomes an uninhabited type that implements [`ScopeList`](crate::ScopeList). An
    /// empty list, an empty name, or a character outside of RFC 6749 §3.3's `scope-token` does not
    /// compile.
    ///
    /// ```
    /// axioms_rocket::scopes! {
    ///     /// What a profile page needs.
    ///     pub Profile = "openid" | "profile";
    ///     Admin = "admin";
    ///     /// A client asks for `files:read`; the others pass, too.
    ///     pub ReadFiles = "files:read" implied by "files:write" | "files:*";
    /// }
    /// ```
    ///
    /// Names after `implied by` are the stronger ones of a hierarchy: each of them passes as the
    /// names of the list do, but challenges, OpenAPI documents and metadata never ask for them.
    /// [`Lacks`](crate::Lacks) refuses them, too. There is no other inheritance: declare it at each
    /// name that a stronger one contains.
    scopes, ScopeList::SCOPES, Scope, r#"scopes! { pub Read = "read" | "read:all"; }"#, $
}

declare! {
    /// Declares lists of roles for [`Roles`](crate::Roles): OR inside a list, AND by another guard.
    ///
    /// Each name becomes an uninhabited type that implements [`RoleList`](crate::RoleList). An
    /// empty list or an empty name does not compile.
    ///
    /// ```
    /// axioms_rocket::roles! {
    ///     pub Editor = "editor" | "admin";
    ///     pub Reader = "reader" implied by "editor" | "admin";
    /// }
    /// ```
    ///
    /// Each name after `implied by` passes as those of the list do; see [`scopes!`](crate::scopes).
    roles, RoleList::ROLES, Role, r#"roles! { pub Editor = "editor" | "admin"; }"#, $
}

declare! {
    /// Declares lists of permissions for [`Permissions`](crate::Permissions): OR inside a list, AND
    /// by another guard.
    ///
    /// Each name becomes an uninhabited type that implements
    /// [`PermissionList`](crate::PermissionList). An empty list or an empty name does not compile.
    ///
    /// ```
    /// axioms_rocket::permissions! {
    ///     pub CreateSample = "sample:create";
    ///     pub ReadSample = "sample:read" implied by "sample:*";
    /// }
    /// ```
    ///
    /// Each name after `implied by` passes as those of the list do; see [`scopes!`](crate::scopes).
    permissions, PermissionList::PERMISSIONS, Permission,
    r#"permissions! { pub Create = "sample:create"; }"#, $
}

/// As `declare!`, for lists without a hierarchy.
macro_rules! declare_plain {
    (
        $(#[$doc:meta])*
        $macro:ident, $list:ident::$NAMES:ident, $asked_for:literal, $words:literal,
        $example:literal, $d:tt
    ) => {
        $(#[$doc])*
        #[macro_export]
        macro_rules! $macro {
            ($d($d(#[$d meta:meta])* $d vis:vis $d name:ident = $d($d text:literal)|+;)+) => {
                $d(
                    $d(#[$d meta])*
                    #[doc = concat!($words, ": ", $d("`", $d text, "` ",)+)]
                    #[allow(dead_code, reason = "a marker is a name, never a value")]
                    $d vis enum $d name {}

                    impl $crate::$list for $d name {
                        const $NAMES: &'static [&'static str] = &[$d($d text),+];
                    }

                    const _: () =
                        $crate::__check_plain(<$d name as $crate::$list>::$NAMES, $asked_for);
                )+
            };
            ($d($d other:tt)*) => {
                ::core::compile_error!(concat!(
                    "expected `", $example,
                    "`: at least one string literal, `|` between several, and `;` at the end"
                ));
            };
        }
    };
}

declare_plain! {
    /// Declares lists of authentication levels for [`Acr`](crate::Acr), in the order in which a
    /// challenge asks for them.
    ///
    /// Each name becomes an uninhabited type that implements [`AcrList`](crate::AcrList). An empty
    /// list, an empty name, or one with a space, a quote, a backslash or a character outside of
    /// ASCII does not compile.
    ///
    /// ```
    /// axioms_rocket::acrs! {
    ///     /// Resistant against phishing, else any second factor.
    ///     pub Strong = "phr" | "mfa";
    ///     pub Silver = "urn:example:silver" | "urn:example:gold";
    /// }
    /// ```
    acrs, AcrList::ACRS, true, "Any level of", r#"acrs! { pub Strong = "phr" | "mfa"; }"#, $
}

declare_plain! {
    /// Declares lists of authentication methods for [`Amr`](crate::Amr).
    ///
    /// Each name becomes an uninhabited type that implements [`AmrList`](crate::AmrList). An empty
    /// list or an empty name does not compile.
    ///
    /// ```
    /// axioms_rocket::amrs! { pub SecondFactor = "otp" | "hwk" | "sms"; }
    /// ```
    amrs, AmrList::AMRS, false, "Any method of", r#"amrs! { pub SecondFactor = "otp" | "hwk"; }"#, $
}

declare_plain! {
    /// Declares lists of acting parties for [`ActedBy`](crate::ActedBy): subjects of the issuer.
    ///
    /// Each name becomes an uninhabited type that implements [`ActorList`](crate::ActorList). An
    /// empty list or an empty name does not compile.
    ///
    /// ```
    /// axioms_rocket::actors! { pub Support = "support-desk" | "night-shift"; }
    /// ```
    actors, ActorList::ACTORS, false, "Any actor of",
    r#"actors! { pub Support = "support-desk"; }"#, $
}

/// Declares constraints on claims for [`Claim`](crate::Claim).
///
/// Each name becomes an uninhabited type that implements [`ClaimList`](crate::ClaimList). The
/// claim's name is that of the settings: exact, a path, or a JSON Pointer. Without values the claim
/// must be present and not null; with values it must be, or contain, one of them. An empty name, or
/// an empty text among the values, does not compile.
///
/// `starts "…"` and `ends "…"` accept each text with that start or end, and with more beside it:
/// for values that no list can hold. A start must end, and an end begin, with a separator: a
/// letter, digit, `-` or `_` there does not compile, since `starts "repo:acme"` would accept
/// `repo:acme-evil/api`. There is no other pattern, texts are not normalized (no case, no `..`),
/// and a start does not limit what follows: `starts "repo:acme/"` accepts each repository, branch
/// and event of `acme`.
///
/// ```
/// axioms_rocket::claims! {
///     pub FromMain = "sub": starts "repo:acme/api:ref:refs/heads/";
///     pub OfAcme = "email": ends "@acme.com" | ends "@acme.org" | "root@example.com";
/// }
/// ```
///
/// ```
/// axioms_rocket::claims! {
///     /// People who work here.
///     pub Staff = "groups": "admins" | "staff";
///     pub HasTenant = "tenant";
///     pub Main = "repository_ref": "refs/heads/main";
///     pub Seven = "/org/tenant": 7;
///     pub VerifiedMail = "email_verified": true;
/// }
/// ```
#[macro_export]
macro_rules! claims {
    ($(
        $(#[$meta:meta])*
        $vis:vis $name:ident = $claim:literal
            $(: $($($value:literal)? $(starts $start:literal)? $(ends $end:literal)?)|+)?;
    )+) => {
        $(
            $(#[$meta])*
            #[doc = concat!("Claim `", $claim, "`", $(": ", $(
                "`", stringify!($($value)? $(starts $start)? $(ends $end)?), "` ",
            )+)?)]
            #[allow(dead_code, reason = "a marker is a name, never a value")]
            $vis enum $name {}

            impl $crate::ClaimList for $name {
                const CLAIM: &'static str = $claim;
                const VALUES: &'static [$crate::ClaimValue] =
                    &[$($($crate::__claim_value!(
                        $($value)? $(starts $start)? $(ends $end)?
                    )),+)?];
            }

            const _: () = $crate::__check_claim(
                <$name as $crate::ClaimList>::CLAIM,
                <$name as $crate::ClaimList>::VALUES,
            );
        )+
    };
    ($($other:tt)*) => {
        ::core::compile_error!(concat!(
            "expected `claims! { pub Staff = \"groups\": \"admins\" | \"staff\"; ",
            "pub HasTenant = \"tenant\"; }`: ",
            "the claim's name, literals with `|` between them, and `;` at the end; ",
            "parts of a text as in `starts \"repo:acme/\"` and `ends \"@acme.com\"`"
        ));
    };
}

/// One value of `claims!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __claim_value {
    ($value:literal) => {
        $crate::__ClaimLiteral($value).value()
    };
    (starts $start:literal) => {
        $crate::ClaimValue::StartsWith($start)
    };
    (ends $end:literal) => {
        $crate::ClaimValue::EndsWith($end)
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "one value of `claims!` is a literal, `starts \"…\"` or `ends \"…\"`: \
             separate several by `|`"
        )
    };
}

//! Every public item has an example in its documentation.
//!
//! Fields and variants are exempt: their type has the example.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, ImplItem, Item, TraitItem, Type, UseTree, Visibility};

/// Files whose `pub use` and public items form the public API.
const FRONT: [&str; 4] = [
    "lib.rs",
    "openapi/mod.rs",
    "testing/mod.rs",
    "testing/hostile/mod.rs",
];

#[test]
fn every_public_item_has_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut public = BTreeSet::new();
    for file in FRONT {
        for item in parse(&root.join(file)).items {
            match &item {
                Item::Use(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                    names(&item.tree, &mut public);
                }
                item => public.extend(declared(item).map(|(name, _)| name)),
            }
        }
    }
    let (mut files, mut missing, mut checked) = (Vec::new(), Vec::new(), 0);
    sources(&root, &mut files);
    for file in files {
        for item in parse(&file).items {
            for (name, attrs) in documented(&item, &public) {
                checked += 1;
                if !is_hidden(attrs) && !doc(attrs).contains("```") {
                    missing.push(format!("{}: {name}", file.display()));
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
    assert_eq!(missing, [""; 0]);
}

fn parse(file: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(file).expect("a source file")).expect("Rust")
}

/// Collects the Rust files below `folder`, without tests.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("tests") && !path.ends_with("fuzzing") {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

fn names(tree: &UseTree, into: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => names(&path.tree, into),
        UseTree::Name(name) => drop(into.insert(name.ident.to_string())),
        UseTree::Rename(name) => drop(into.insert(name.rename.to_string())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, into)),
        UseTree::Glob(_) => panic!("a glob hides the public names"),
    }
}

/// Returns name and attributes of a public item.
fn declared(item: &Item) -> impl Iterator<Item = (String, &[Attribute])> {
    let (visibility, ident, attrs) = match item {
        Item::Const(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Enum(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Fn(item) => (&item.vis, &item.sig.ident, &item.attrs),
        Item::Struct(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Trait(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Type(item) => (&item.vis, &item.ident, &item.attrs),
        _ => return None.into_iter(),
    };
    let found = is_public(visibility).then(|| (ident.to_string(), &attrs[..]));
    found.into_iter()
}

/// Returns the item and its members as far as they are public API, with their attributes.
fn documented<'a>(item: &'a Item, public: &BTreeSet<String>) -> Vec<(String, &'a [Attribute])> {
    let mut found: Vec<_> = declared(item)
        .filter(|(name, _)| public.contains(name))
        .collect();
    match item {
        Item::Macro(item) if item.attrs.iter().any(|a| a.path().is_ident("macro_export")) => {
            let name = item.ident.as_ref().expect("a name").to_string();
            if !name.starts_with("__") {
                found.push((name, &item.attrs[..]));
            }
        }
        Item::Trait(item) if !found.is_empty() => {
            for member in &item.items {
                let (ident, attrs) = match member {
                    TraitItem::Const(member) => (&member.ident, &member.attrs),
                    TraitItem::Fn(member) => (&member.sig.ident, &member.attrs),
                    TraitItem::Type(member) => (&member.ident, &member.attrs),
                    _ => continue,
                };
                found.push((format!("{}::{ident}", item.ident), &attrs[..]));
            }
        }
        Item::Impl(item) if item.trait_.is_none() => {
            let Type::Path(path) = &*item.self_ty else {
                return found;
            };
            let owner = path.path.segments.last().expect("a name").ident.to_string();
            for member in item.items.iter().filter(|_| public.contains(&owner)) {
                let (visibility, ident, attrs) = match member {
                    ImplItem::Const(member) => (&member.vis, &member.ident, &member.attrs),
                    ImplItem::Fn(member) => (&member.vis, &member.sig.ident, &member.attrs),
                    _ => continue,
                };
                if is_public(visibility) {
                    found.push((format!("{owner}::{ident}"), &attrs[..]));
                }
            }
        }
        _ => {}
    }
    found
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        attr.path().is_ident("doc")
            && attr
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "hidden")
    })
}

/// Returns the documentation comment.
fn doc(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(line),
                ..
            }) => Some(line.value()),
            // `doc = include_str!(…)` and macro fragments.
            _ => Some("```".to_owned()),
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#!/usr/bin/env python3
"""Compares the public API, as rustdoc's JSON has it, with docs/public-api.txt, one item a line.

usage: .ci/public_api.py [--bless]     --bless writes the file
"""
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTING = ROOT / "docs/public-api.txt"
# Derived for each type that can be a pattern.
QUIET = {"StructuralPartialEq"}


def rustdoc():
    """Returns rustdoc's JSON. It is unstable: RUSTC_BOOTSTRAP is set for rustdoc alone, so that no
    dependency is compiled again."""
    with tempfile.TemporaryDirectory() as folder:
        wrapper = Path(folder, "rustdoc")
        wrapper.write_text('#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc "$@"\n')
        wrapper.chmod(0o755)
        command = "cargo rustdoc --locked --quiet --all-features --lib -- -Z unstable-options --output-format json"
        subprocess.run(command.split(), cwd=ROOT, check=True, env={**os.environ, "RUSTDOC": str(wrapper)})
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return json.loads(Path(target, "doc/axioms_rocket.json").read_text())


def kind(value):
    return next(iter(value.items())) if isinstance(value, dict) else (value, {})


def args(value):
    name, inner = kind(value or {"angle_bracketed": {"args": [], "constraints": []}})
    if name == "parenthesized":
        return f"({', '.join(map(ty, inner['inputs']))}){result(inner['output'])}"
    if name != "angle_bracketed":
        return "(..)"
    parts = [arg(a) for a in inner["args"]]
    for constraint in inner["constraints"]:
        how, what = kind(constraint["binding"])
        is_type = how == "equality"
        parts.append(constraint["name"] + (" = " + arg(what) if is_type else ": " + bounds(what)))
    return f"<{', '.join(parts)}>" if parts else ""


def arg(value):
    name, inner = kind(value)
    if name == "type":
        return ty(inner)
    if name == "const":
        return inner["expr"]
    return inner if name == "lifetime" else ty(value) if name != "constant" else inner["expr"]


def path(value):
    # The last name alone: `String`, not `alloc::string::String` nor as the source wrote it.
    return (value.get("path") or value.get("name")).split("::")[-1] + args(value.get("args"))


def result(output):
    return f" -> {ty(output)}" if output else ""


def ty(value):
    name, inner = kind(value)
    if name == "resolved_path":
        return path(inner)
    if name in ("generic", "primitive"):
        return inner
    if name == "tuple":
        return f"({', '.join(map(ty, inner))}{',' if len(inner) == 1 else ''})"
    if name == "slice":
        return f"[{ty(inner)}]"
    if name == "array":
        return f"[{ty(inner['type'])}; {inner['len']}]"
    if name == "borrowed_ref":
        lifetime = inner["lifetime"] + " " if inner["lifetime"] else ""
        return f"&{lifetime}{'mut ' if inner['is_mutable'] else ''}{ty(inner['type'])}"
    if name == "qualified_path":
        of = ty(inner["self_type"])
        if inner["trait"] and path(inner["trait"]) and of != "Self":
            of = f"<{of} as {path(inner['trait'])}>"
        return f"{of}::{inner['name']}{args(inner['args'])}"
    if name == "impl_trait":
        return f"impl {bounds(inner)}"
    if name == "dyn_trait":
        traits = [path(t["trait"]) for t in inner["traits"]]
        return "dyn " + " + ".join(traits + ([inner["lifetime"]] if inner["lifetime"] else []))
    if name == "function_pointer":
        return f"fn({', '.join(ty(t) for _, t in inner['sig']['inputs'])}){result(inner['sig']['output'])}"
    return name


def bounds(values):
    parts = []
    for value in values:
        name, inner = kind(value)
        if name == "trait_bound":
            parts.append({"maybe": "?"}.get(inner["modifier"], "") + path(inner["trait"]))
        elif name == "outlives":
            parts.append(inner)
        else:
            parts.append(name)
    return " + ".join(parts)


def generics(value):
    params = []
    for param in value["params"]:
        name, inner = kind(param["kind"])
        if name == "type" and inner["is_synthetic"]:
            continue
        if name == "const":
            params.append(f"const {param['name']}: {ty(inner['type'])}")
        else:
            bound = bounds(inner["bounds"]) if name == "type" else " + ".join(inner["outlives"])
            default = f" = {ty(inner['default'])}" if name == "type" and inner["default"] else ""
            params.append(param["name"] + (f": {bound}" if bound else "") + default)
    where = []
    for predicate in value["where_predicates"]:
        name, inner = kind(predicate)
        if name == "bound_predicate":
            where.append(f"{ty(inner['type'])}: {bounds(inner['bounds'])}")
        elif name == "lifetime_predicate":
            where.append(f"{inner['lifetime']}: {' + '.join(inner['outlives'])}")
    return (f"<{', '.join(params)}>" if params else ""), (" where " + ", ".join(where) if where else "")


class Listing:
    def __init__(self, doc):
        self.index, self.lines = doc["index"], set()
        self.module(doc["root"], "axioms_rocket")

    def item(self, ident):
        return self.index.get(str(ident))

    def module(self, ident, at):
        for child in kind(self.item(ident)["inner"])[1]["items"]:
            self.add(child, at)

    def add(self, ident, at, name=None, within=""):
        item = self.item(ident)
        if item is None or "doc(hidden)" in str(item["attrs"]):
            return
        if item["visibility"] not in ("public", "default"):
            return
        what, inner = kind(item["inner"])
        name = f"{at}::{name or item['name']}"
        if what == "use":
            source = self.item(inner["id"])
            if source is None:
                self.lines.add(f"use {inner['source']} as {at}::{inner['name']}")
            elif inner["is_glob"]:
                self.module(inner["id"], at)
            else:
                self.add(inner["id"], at, inner["name"])
        elif what == "module":
            self.lines.add(f"mod {name}")
            self.module(ident, name)
        elif what == "function":
            header, (params, where) = inner["header"], generics(inner["generics"])
            words = [w for w in ("const", "async", "unsafe") if header["is_" + w]]
            inputs = ", ".join(f"{n}: {ty(t)}" for n, t in inner["sig"]["inputs"])
            inputs = re.sub(r"^self: (&?(?:'\w+ )?(?:mut )?)Self\b", r"\1self", inputs)
            words.append(f"fn {name}{params}({inputs}){result(inner['sig']['output'])}{where}")
            provided = " { .. }" if within == "trait" and inner["has_body"] else ""
            self.lines.add(" ".join(words) + provided)
        elif what in ("struct", "enum", "trait", "union"):
            params, where = generics(inner["generics"])
            marks = "#[non_exhaustive] " if "non_exhaustive" in str(item["attrs"]) else ""
            supers = ": " + bounds(inner["bounds"]) if what == "trait" and inner["bounds"] else ""
            self.lines.add(f"{marks}{what} {name}{params}{supers}{where}")
            if what == "struct":
                self.fields(kind(inner["kind"]), name)
            for child in inner.get("variants", []) + (inner["items"] if what == "trait" else []):
                self.add(child, name, within=what)
            for implementation in inner.get("impls", []):
                self.implementation(implementation, name)
        elif what == "variant":
            marks = "#[non_exhaustive] " if "non_exhaustive" in str(item["attrs"]) else ""
            self.lines.add(f"{marks}variant {name}")
            self.fields(kind(inner["kind"]), name)
        elif what == "struct_field":
            self.lines.add(f"field {name}: {ty(inner)}")
        elif what in ("constant", "assoc_const"):
            self.lines.add(f"const {name}: {ty(inner['type'])}" + (
                " = .." if inner.get("value") and within == "trait" else ""))
        elif what in ("assoc_type", "type_alias"):
            bound = bounds(inner.get("bounds") or [])
            set_to = f" = {ty(inner['type'])}" if inner["type"] else ""
            self.lines.add(f"type {name}{': ' + bound if bound else ''}{set_to}")
        elif what == "macro":
            self.lines.add(f"macro {name}!")
        else:
            self.lines.add(f"{what} {name}")

    def fields(self, value, at):
        name, inner = value
        for child in (inner["fields"] if isinstance(inner, dict) and "fields" in inner else
                      inner if name == "tuple" else []):
            if child is not None:
                self.add(child, at)

    def implementation(self, ident, at):
        item = self.item(ident)
        inner = kind(item["inner"])[1]
        if inner["is_synthetic"] or inner["blanket_impl"] or "doc(hidden)" in str(item["attrs"]):
            return
        if inner["trait"] is None:
            for child in inner["items"]:
                self.add(child, at)
        elif inner["trait"]["path"].split("::")[-1] not in QUIET:
            params, where = generics(inner["generics"])
            # Sorted below its type.
            text = f"impl{params} {path(inner['trait'])} for {ty(inner['for'])}{where}"
            self.lines.add(f"{at}::\0{text}")


def place(line):
    """Items by their path, each followed by its members and implementations."""
    return re.search(r"axioms_rocket[\w:]*", line)[0], line


def main():
    lines = Listing(rustdoc()).lines
    new = [line.split("\0")[-1] for line in sorted(lines, key=place)]
    if "--bless" in sys.argv:
        LISTING.write_text("\n".join(new) + "\n")
        return
    old = LISTING.read_text().splitlines() if LISTING.exists() else []
    changes = list(difflib.unified_diff(old, new, "docs/public-api.txt", "src/", lineterm="", n=0))
    if changes:
        print("\n".join(changes))
        sys.exit("the public API changed: if that is meant, run .ci/public_api.py --bless")


main()

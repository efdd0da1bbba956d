#!/usr/bin/env bash
# What the crate costs to build: a clean release build of a program that depends on it, next to one that depends on what people take
# instead (rocket, reqwest, jsonwebtoken with aws-lc-rs). Prints crates in the tree, processor seconds, and their ratios.
#   benches/build.sh            one round, some minutes
#   benches/build.sh 3          three rounds in turns, the least of each
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
rounds=${1:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

project() {
    mkdir -p "$work/$1/src"
    echo 'fn main() {}' >"$work/$1/src/main.rs"
    printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n%s\n\n[workspace]\n' "$1" "$2" >"$work/$1/Cargo.toml"
    # The same versions on both sides, as far as both have them.
    cp "$root/Cargo.lock" "$work/$1/Cargo.lock"
    (cd "$work/$1" && cargo fetch --quiet)
}
rocket='rocket = "0.5.2"'
project ours "$rocket
axioms-rocket = { path = \"$root\" }"
project instead "$rocket
reqwest = { version = \"0.13.5\", default-features = false, features = [\"rustls\"] }
jsonwebtoken = { version = \"11\", default-features = false, features = [\"aws_lc_rs\"] }"

crates() { (cd "$work/$1" && cargo tree --edges normal,build --prefix none | awk '{ print $1, $2 }' | sort -u | wc -l); }
seconds() {
    rm -rf "$work/$1/target"
    local TIMEFORMAT='%U %S'
    { time (cd "$work/$1" && CARGO_TARGET_DIR=target cargo build --release --quiet --offline); } 2>&1 | tail -n 1 | awk '{ print $1 + $2 }'
}
least() { sort -n "$work/$1.seconds" | head -n 1; }

for ((round = 0; round < rounds; round++)); do
    # Whoever is built first pays for cold files: each in turn.
    order=(ours instead)
    ((round % 2)) && order=(instead ours)
    for name in "${order[@]}"; do seconds "$name" >>"$work/$name.seconds"; done
done
awk -v a="$(crates ours)" -v b="$(crates instead)" -v s="$(least ours)" -v t="$(least instead)" 'BEGIN {
    printf "crates: %d against %d, ratio %.2f\n", a, b, a / b
    printf "processor seconds of a clean release build: %.0f against %.0f, ratio %.2f\n", s, t, s / t
}'

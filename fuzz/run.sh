#!/usr/bin/env bash
# Every fuzz target, one after another, each for so many seconds (60 unless told): fuzz/run.sh [seconds] [target…]
# What libFuzzer finds by the way goes to fuzz/target/corpus, crashes to fuzz/artifacts; both are ignored by git.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | grep -v '^axioms-rocket-fuzz$')
fi

missing=()
cargo fuzz --version >/dev/null 2>&1 || missing+=("cargo-fuzz: cargo install --locked cargo-fuzz")
cargo +nightly --version >/dev/null 2>&1 || missing+=("a nightly toolchain: rustup toolchain install nightly --profile minimal")
if [ ${#missing[@]} -gt 0 ]; then
  printf 'fuzz/run.sh: not here is %s\n' "${missing[@]}" >&2
  echo "fuzz/run.sh: without them the same bodies run for seconds: cargo test --lib fuzzing::" >&2
  exit 2
fi

dictionary() {
  case $1 in
    compact | claims | claim_path | verifier) echo json ;;
    *) echo "$1" ;;
  esac
}

for target in "${targets[@]}"; do
  printf '\n=== %s, %s seconds\n' "$target" "$seconds"
  found=target/corpus/$target
  mkdir -p "$found"
  cargo +nightly fuzz run "$target" "$found" "corpus/$target" -- \
    -dict="dictionaries/$(dictionary "$target").dict" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1
done

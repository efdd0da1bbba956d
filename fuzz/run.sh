#!/usr/bin/env bash
# Runs the fuzz targets in turn, each for the given number of seconds (default 60):
#   fuzz/run.sh [seconds] [target…]
# Found inputs go to fuzz/target/corpus, crashes to fuzz/artifacts; git ignores both.
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
  printf 'fuzz/run.sh: missing: %s\n' "${missing[@]}" >&2
  echo "fuzz/run.sh: without them, this runs the targets for seconds: cargo test --all-features --lib fuzzing::" >&2
  exit 2
fi

dictionary() {
  case $1 in
    compact | claims | claim_path | introspection | verifier) echo json ;;
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

#!/usr/bin/env bash
# Compares this crate under load with itself and with its peers; see docs/performance.md.
# Needs cargo, python3, and for wrk Debian's apt-get. Peers that cannot be installed are named and left out.
#   benches/load/run.sh                 everything, about a quarter of an hour once it is built
#   benches/load/run.sh --only rust     this crate and the Rust peers
#   benches/load/run.sh --rounds 0      asks everybody what must be accepted and what refused, and measures nothing
#   benches/load/run.sh --write         and put the result into docs/performance.md
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v wrk >/dev/null; then
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update -q
    $as_root apt-get install -qy wrk
fi
exec python3 compare.py "$@"

#!/usr/bin/env bash
# Starts the test authorization server in the foreground; README.md says how to use it.
#   start.sh [DIRECTORY [PROGRAM ARGUMENT...]]
# It installs into DIRECTORY (target/idp), never beside this file. PROGRAM is server.mjs, or another one of this
# directory: agents.mjs, client.mjs.
# One line of JSON on stdout once it listens, everything else on stderr.
# Exit 3: something it needs cannot be had here; the last line on stderr is the reason.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=${1:-$source/../../target/idp}
program=${2:-server.mjs}
shift $(($# < 2 ? $# : 2))
umask 077
mkdir -p "$directory"
cd "$directory"

cannot() { echo "[idp] cannot start: $*" >&2; exit 3; }

# within SECONDS COMMAND...: bounded where coreutils is at hand
within() {
  if command -v timeout >/dev/null; then timeout "$@"; else shift; "$@"; fi
}

make_certificates() {
  cd .run
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -keyout ca.key -out ca.pem -subj "/CN=Throw-away test CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign &&
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout server.key -out server.csr -subj "/CN=localhost" &&
  printf '%s\n' subjectAltName=DNS:localhost,IP:127.0.0.1 extendedKeyUsage=serverAuth \
    keyUsage=critical,digitalSignature basicConstraints=critical,CA:FALSE >server.ext &&
  openssl x509 -req -in server.csr -extfile server.ext -days 30 \
    -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 15)" -out server.pem &&
  rm -f ca.key server.csr server.ext # this CA signs nothing more
}

certificates_are_good() {
  openssl verify -CAfile .run/ca.pem .run/server.pem && [ -f .run/server.key ] && [ ! -f .run/ca.key ] &&
    openssl x509 -in .run/server.pem -noout -checkend 86400
}

# A package of this machine's kind (package.json: npm leaves out the others, and one that it cannot fetch), else the
# machine's own. oidc-provider asks for 22; with 20 it says so and does the same.
new_enough='const [a, b] = process.versions.node.split(".")
  process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)'
find_node() {
  for node in node_modules/node-*/bin/node node; do
    if "$node" -e "$new_enough" </dev/null >/dev/null 2>&1; then return; fi
  done
  cannot "no Node of 20.19, 22.12 or later: neither from npm nor on this machine"
}

# A registry may stumble once; what it said stands in .run/npm.log, the end of it in our reason.
install_packages() {
  for pause in 5 20 0; do
    if within 100 npm ci --no-audit --no-fund >.run/npm.log 2>&1; then return; fi
    sleep "$pause"
  done
  cannot "npm ci failed three times: $(tail -n 12 .run/npm.log | tr '\n' ';')"
}

# ---- Made once; a second start at the same moment waits for the lock.

mkdir -p .run
(
  if command -v flock >/dev/null; then flock -w 300 9 || cannot "another start holds .run/lock"; fi

  # node resolves packages from the directory of the program.
  for file in "$source"/*.mjs; do
    name=${file##*/}
    cp "$file" "$name.new" && mv "$name.new" "$name"
  done

  command -v openssl >/dev/null || cannot "openssl is not installed"
  if ! certificates_are_good >/dev/null 2>&1; then
    (make_certificates) >.run/openssl.log 2>&1 || cannot "openssl failed: $(tail -n 1 .run/openssl.log)"
  fi

  if ! cmp -s "$source/package-lock.json" node_modules/.installed; then
    command -v npm >/dev/null || cannot "npm is not installed"
    cp "$source"/{package.json,package-lock.json,.npmrc} .
    install_packages
    find_node
    cp package-lock.json node_modules/.installed
  fi
) 9>.run/lock </dev/null >&2

find_node
exec "$node" "$program" "$@"

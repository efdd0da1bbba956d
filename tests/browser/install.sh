#!/usr/bin/env bash
# Installs the browser that tests/it/dev_issuer.rs drives. Debian and its kin; needs root.
set -euo pipefail
if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then exit 0; fi
apt-get update -q
apt-get install -y -q --no-install-recommends chromium chromium-driver

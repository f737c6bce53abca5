#!/usr/bin/env bash
# The server under clients and checks that others publish: MCP's SDK, its successor, and the conformance
# suite for both revisions.
#
#   published.sh TULVING
#
# They come from npm, with a Node of their own (240 MB), into the folder TULVING_MCP_NPM, by
# tools/scripts/install_mcp_clients.sh. Without that folder there is nothing to run: exit code 77.
set -euo pipefail

TULVING=$1
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODULES=${TULVING_MCP_NPM:-$HERE/../../../build/mcp-npm}/node_modules
if [[ ! -x $MODULES/.bin/node ]]; then echo "skipped: $MODULES has no node"; exit 77; fi
MODULES=$(cd "$MODULES" && pwd)
WORK=$(mktemp -d)
SERVER=
clean_up() {
  if [[ -n $SERVER ]]; then kill "$SERVER" 2>/dev/null || true; wait "$SERVER" 2>/dev/null || true; fi
  rm -rf "$WORK"
}
trap clean_up EXIT

"$TULVING" serve "$WORK/db" --port 0 --no-socket >"$WORK/out" 2>"$WORK/log" &
SERVER=$!
for _ in $(seq 200); do [[ -s $WORK/out ]] && break; sleep 0.05; done
URL=$(head -n 1 "$WORK/out")/mcp

# Node looks for modules beside the script.
ln -s "$MODULES" "$WORK/node_modules"
cp "$HERE/sdk_client.mjs" "$WORK/"
"$MODULES/.bin/node" "$WORK/sdk_client.mjs" "$TULVING" "$WORK/stdio-db" "$URL"

# The suite starts "node" itself.
PATH=$MODULES/.bin:$PATH
for revision in 2025-11-25 2026-07-28; do
  echo "conformance $revision"
  (cd "$WORK" && node "$MODULES/.bin/conformance" server --url "${URL/127.0.0.1/localhost}" \
    --requirements "$revision" --expected-failures "$HERE/expected_failures_$revision.yml") \
    >"$WORK/conformance" 2>&1 || { tail -n 80 "$WORK/conformance"; exit 1; }
  sed -n '/^=== SUMMARY/,$p' "$WORK/conformance"
done

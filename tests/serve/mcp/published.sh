#!/usr/bin/env bash
# The server under clients and checks that others publish: MCP's SDK, its successor, and the conformance
# suite for both revisions. The suite calls tools, prompts and resources by names of its own, so it is run
# twice: against the server, and against the fixture (fixture/), which is the same layer with those.
#
#   published.sh TULVING FIXTURE
#
# They come from npm, with a Node of their own (240 MB), into the folder TULVING_MCP_NPM, by
# tools/scripts/install_mcp_clients.sh. Without that folder there is nothing to run: exit code 77.
set -euo pipefail

TULVING=$1
FIXTURE=$2
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODULES=${TULVING_MCP_NPM:-$HERE/../../../build/mcp-npm}/node_modules
if [[ ! -x $MODULES/.bin/node ]]; then echo "skipped: $MODULES has no node"; exit 77; fi
MODULES=$(cd "$MODULES" && pwd)
WORK=$(mktemp -d)
SERVERS=()
clean_up() {
  for server in "${SERVERS[@]}"; do kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; done
  rm -rf "$WORK"
}
trap clean_up EXIT

# start NAME COMMAND...: a server that prints its address; URL is where it speaks MCP.
start() {
  local name=$1
  shift
  "$@" >"$WORK/$name.out" 2>"$WORK/$name.log" &
  SERVERS+=($!)
  for _ in $(seq 200); do [[ -s $WORK/$name.out ]] && break; sleep 0.05; done
  URL=$(head -n 1 "$WORK/$name.out")/mcp
}

start server "$TULVING" serve "$WORK/db" --port 0 --no-socket

# Node looks for modules beside the script.
ln -s "$MODULES" "$WORK/node_modules"
cp "$HERE/sdk_client.mjs" "$WORK/"
"$MODULES/.bin/node" "$WORK/sdk_client.mjs" "$TULVING" "$WORK/stdio-db" "$URL"

# The suite starts "node" itself.
PATH=$MODULES/.bin:$PATH

# conformance NAME REVISION EXPECTED
conformance() {
  echo "conformance of the $1 to $2"
  (cd "$WORK" && node "$MODULES/.bin/conformance" server --url "${URL/127.0.0.1/localhost}" \
    --requirements "$2" --expected-failures "$HERE/$3_$2.yml") \
    >"$WORK/conformance" 2>&1 || { tail -n 80 "$WORK/conformance"; exit 1; }
  sed -n '/^=== SUMMARY/,$p' "$WORK/conformance"
}
for revision in 2025-11-25 2026-07-28; do conformance server "$revision" expected_failures; done
start fixture "$FIXTURE"
for revision in 2025-11-25 2026-07-28; do conformance fixture "$revision" fixture_failures; done

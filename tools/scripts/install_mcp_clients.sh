#!/usr/bin/env bash
# Fetches published MCP clients, their conformance suite and a Node that runs them, from npm's registry,
# into build/mcp-npm or the folder given: what tests/serve/mcp/published.sh runs. Does nothing where they
# are there.
#
#   install_mcp_clients.sh [FOLDER]
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
FOLDER=${1:-$ROOT/build/mcp-npm}
PACKAGES=(node@22.23.3 @modelcontextprotocol/conformance@0.2.0-alpha.12
          @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0)

[[ ! -x $FOLDER/node_modules/.bin/conformance ]] || exit 0
command -v npm >/dev/null || { echo "${0##*/}: npm is not installed" >&2; exit 1; }
mkdir -p "$FOLDER"
cd "$FOLDER"
[[ -f package.json ]] || echo '{"private":true}' >package.json
npm install --no-audit --no-fund --save-exact "${PACKAGES[@]}"

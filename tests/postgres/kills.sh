#!/usr/bin/env bash
# Kills a sync, a hydrate and a server at random moments; after the next run both sides must be equal.
#
#   kills.sh TULVING RECORDS.jsonl ROUNDS [--server]
#
#   TULVING   the command line's program; RECORDS.jsonl what the store begins with
#   --server  also kills a server, one of its own; else TULVING_TEST_POSTGRES names the one that is used
#
# Ends with 77 (skipped) where there is no server.
set -euo pipefail

TULVING=$1 RECORDS=$2 ROUNDS=$3 WITH_SERVER=${4:-}
SCHEMAS=orchestrator,guild,consolidation,compass,cortex
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tulving-kills.XXXXXX")
chmod 711 "$WORK"  # Run by root, the server is another user's.
DATABASE=tulving_kills_$$
killed_sync=0 killed_hydrate=0 killed_server=0

clean_up() {
  [[ -z ${SERVER:-} ]] || psql -q "$SERVER" -c "DROP DATABASE IF EXISTS $DATABASE WITH (FORCE)" >/dev/null 2>&1 || true
  if [[ -d $WORK/postgres ]]; then "$ROOT/tools/scripts/postgres_cluster.sh" stop "$WORK/postgres" >/dev/null 2>&1 || true; fi
  rm -rf "$WORK"
}
trap clean_up EXIT

fail() { echo "round $round: $*" >&2; exit 1; }
# A moment within the first milliseconds, as many as given.
moment() { sleep "0.$(printf '%03d' $((RANDOM % $1)))"; }
sync_all() { "$TULVING" --db "$WORK/db" sync --to "$URI" --schemas "$SCHEMAS" --all-tenants "$@" >"$WORK/sync.log" 2>&1; }
hydrate_into() { "$TULVING" --db "$1" hydrate --from "$URI" --schema cortex --tenant maya >"$WORK/hydrate.log" 2>&1; }

# kill_in_mid MILLISECONDS COMMAND...: whether it was still running when it was killed.
kill_in_mid() {
  local within=$1
  shift
  "$@" & local process=$!
  moment "$within"
  pkill -9 -P "$process" 2>/dev/null && local was_running=0 || local was_running=1
  wait "$process" 2>/dev/null || true
  return "$was_running"
}

if [[ $WITH_SERVER == --server ]]; then
  SERVER=$("$ROOT/tools/scripts/postgres_cluster.sh" start "$WORK/postgres")
else
  SERVER=${TULVING_TEST_POSTGRES:-}
fi
[[ -n $SERVER ]] || { echo "no server: TULVING_TEST_POSTGRES is not set"; exit 77; }
psql -q "$SERVER" -c "CREATE DATABASE $DATABASE"
URI=${SERVER%/*}/$DATABASE

"$TULVING" --db "$WORK/db" import "$RECORDS" >/dev/null
for ((round = 1; round <= ROUNDS; ++round)); do
  for i in 1 2 3 4 5; do
    "$TULVING" --db "$WORK/db" add --tenant maya --type learning --tag "round $round" --text "Memory $i of round $round." >/dev/null
  done
  if kill_in_mid 600 sync_all; then killed_sync=$((killed_sync + 1)); fi
  if [[ $WITH_SERVER == --server ]]; then
    sync_all & process=$!
    moment 300
    backend=$(psql -Atq "$SERVER" -c "SELECT pid FROM pg_stat_activity WHERE datname = '$DATABASE' AND pid <> pg_backend_pid() LIMIT 1" || true)
    if [[ -n $backend ]] && kill -9 "$backend" 2>/dev/null; then killed_server=$((killed_server + 1)); fi
    wait "$process" || true
    for _ in $(seq 100); do psql -Atq "$SERVER" -c "SELECT 1" >/dev/null 2>&1 && break; sleep 0.1; done
  fi
  sync_all || fail "the next sync failed: $(cat "$WORK/sync.log")"
  sync_all --verify || fail "the database differs: $(cat "$WORK/sync.log")"

  rm -rf "$WORK/hydrated" "$WORK/whole"
  if kill_in_mid 200 hydrate_into "$WORK/hydrated"; then killed_hydrate=$((killed_hydrate + 1)); fi
  hydrate_into "$WORK/hydrated" || fail "the next hydrate failed: $(cat "$WORK/hydrate.log")"
  hydrate_into "$WORK/whole" || fail "a hydrate failed: $(cat "$WORK/hydrate.log")"
  "$TULVING" --db "$WORK/hydrated" --json export >"$WORK/hydrated.jsonl"
  "$TULVING" --db "$WORK/whole" --json export >"$WORK/whole.jsonl"
  cmp -s "$WORK/hydrated.jsonl" "$WORK/whole.jsonl" || fail "a hydrate that was killed gives another store"
done
echo "$ROUNDS rounds: $killed_sync syncs, $killed_hydrate hydrates and $killed_server servers killed in mid-work; both sides equal after each"

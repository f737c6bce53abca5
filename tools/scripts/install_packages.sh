#!/usr/bin/env bash
# Installs what Tulving needs to build, on Debian 12/13 or Ubuntu 24.04, with apt-get.
#
#   install_packages.sh [--tests] [--postgres] [--fuzz]
#
#   (none)      compiler, build tools, the libraries Tulving links, and what its Python package is built with
#   --tests     also GoogleTest, Google Benchmark, clang, clang-tidy, clang-format, PyYAML,
#               the readers' tests' psycopg2 and SQLAlchemy, numpy and mypy, and the shells
#               whose completions are tried
#   --postgres  also a PostgreSQL server and what building an extension for it needs
#   --fuzz      also clang with libFuzzer and the sanitizers
#
# Only missing packages are installed; with nothing missing it does nothing (and
# needs no rights). An installed PostgreSQL is neither upgraded nor restarted, and
# installing one creates no cluster and starts no server.
set -euo pipefail

BUILD=(g++ cmake ninja-build pkg-config
       librocksdb-dev libhnswlib-dev libeigen3-dev libflatbuffers-dev flatbuffers-compiler
       libpq-dev libroaring-dev libstemmer-dev libicu-dev nlohmann-json3-dev
       libcli11-dev libfmt-dev libabsl-dev libxxhash-dev libmd-dev
       libcurl4-openssl-dev libmicrohttpd-dev python3-dev python3-cffi python3-setuptools)
TESTS=(libbenchmark-dev libgtest-dev libgmock-dev clang clang-tidy clang-format python3-yaml
       python3-psycopg2 python3-sqlalchemy python3-numpy python3-mypy zsh fish)
FUZZ=(clang libclang-rt-dev)
DROP_IN=/etc/postgresql-common/createcluster.d/tulving-install.conf

usage() { echo "usage: ${0##*/} [--tests] [--postgres] [--fuzz]" >&2; exit 2; }
die() { echo "${0##*/}: $*" >&2; exit 1; }
say() { echo "${0##*/}: $*"; }

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
    apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# Those of the given packages that are not installed, one a line.
missing() {
  local installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  printf '%s\n' "$@" | grep -vxFf <(sed -n 's/ installed$//p' <<<"$installed") || true
}

# Major version of the newest PostgreSQL server here; empty when there is none.
server_version() {
  local bin
  for bin in /usr/lib/postgresql/*/bin/postgres; do
    if [[ -x $bin ]]; then echo "$bin" | cut -d/ -f5; fi
  done | sort -V | tail -n 1
}

# "package=version" of every installed server: named in an apt-get command, they
# keep apt from upgrading (and so restarting) a server along with its new neighbours.
installed_servers() {
  dpkg-query -W -f '${db:Status-Status} ${Package}=${Version}\n' 'postgresql-[0-9]*' 2>/dev/null |
    sed -nE 's/^installed (postgresql-[0-9]+=.*)/\1/p' || true
}

update_lists() {
  ((EUID == 0)) || command -v sudo >/dev/null ||
    die "packages are missing ($*) and need root to install: run this as root, or install sudo"
  apt_get update || say "warning: apt-get update failed; going on with the package lists at hand" >&2
}

install() {
  local held
  mapfile -t held < <(installed_servers)
  say "installing: $*"
  apt_get install --no-install-recommends "$@" "${held[@]}" ||
    die "apt-get could not install: $*"
}

# Installs a server without the "main" cluster its package would create and start.
install_server() {
  local version setting
  version=$(apt-cache depends postgresql 2>/dev/null |
    sed -nE 's/^ *Depends: postgresql-([0-9]+)$/\1/p' | head -n 1)
  [[ -n $version ]] || die "apt knows no package 'postgresql' to tell the server's version"
  [[ -z $(missing postgresql-common) ]] || install postgresql-common
  trap 'as_root rm -f "$DROP_IN"' EXIT
  as_root mkdir -p "${DROP_IN%/*}"
  echo "create_main_cluster = false" | as_root tee "$DROP_IN" >/dev/null
  setting=$(pg_conftool /etc/postgresql-common/createcluster.conf show -bs create_main_cluster || true)
  [[ $setting == off ]] || die "cannot keep postgresql-$version from creating a cluster:" \
    "/etc/postgresql-common/createcluster.conf does not read ${DROP_IN%/*}"
  install "postgresql-$version" "postgresql-server-dev-$version"
}

# The development files of an installed server, of the server's own version if apt has it.
install_server_dev() {
  local dev=postgresql-server-dev-$1 version
  version=$(dpkg-query -W -f '${Version}' "postgresql-$1" 2>/dev/null || true)
  if apt-cache madison "$dev" | grep -qF "| $version |"; then dev+="=$version"; fi
  install "$dev"
}

main() {
  local postgres=no wanted=("${BUILD[@]}") lacking server
  while (($#)); do
    case $1 in
      --tests) wanted+=("${TESTS[@]}") ;;
      --fuzz) wanted+=("${FUZZ[@]}") ;;
      --postgres) postgres=yes; wanted+=(dpkg-dev make) ;;
      *) usage ;;
    esac
    shift
  done
  command -v apt-get >/dev/null || die "no apt-get here: this script is for Debian and Ubuntu"

  mapfile -t lacking < <(missing "${wanted[@]}")
  server=$(server_version)
  if [[ $postgres == yes ]]; then
    [[ -n $server && -z $(missing "postgresql-server-dev-$server") ]] || postgres=missing
  fi
  if ((${#lacking[@]} == 0)) && [[ $postgres != missing ]]; then say "nothing to install"; return; fi

  update_lists "${lacking[@]}" "$([[ $postgres != missing ]] || echo PostgreSQL)"
  ((${#lacking[@]} == 0)) || install "${lacking[@]}"
  if [[ $postgres == missing ]]; then
    if [[ -n $server ]]; then install_server_dev "$server"; else install_server; fi
  fi
}

main "$@"

#!/usr/bin/env bash
# A throw-away PostgreSQL cluster of its own in DIR, for tests and trials.
#
#   postgres_cluster.sh start DIR [--without-pgvector] [--port N]
#   postgres_cluster.sh uri|pid DIR    prints the connection URI / the server's pid
#   postgres_cluster.sh stop DIR       stops the server and removes DIR
#
# start makes the cluster in DIR (absent or empty) and prints one line, the connection
# URI, once the server accepts connections. It listens on 127.0.0.1 only, trusts every
# local user, does not sync to disk, and outlives the calling shell. Log: DIR/log.
# --without-pgvector runs a copy of the installation that lacks the extension "vector".
# Run by root, the server runs as the user postgres, who must be able to reach DIR.
set -euo pipefail

usage() {
  echo "usage: ${0##*/} start DIR [--without-pgvector] [--port N] | uri DIR | pid DIR | stop DIR" >&2
  exit 2
}
die() { echo "${0##*/}: $*" >&2; exit 1; }

# Runs a command as the user who may run PostgreSQL: postgres in place of root.
as_server() {
  if ((EUID == 0)); then
    setpriv --reuid=postgres --regid="$(id -g postgres)" --init-groups -- "$@"
  else
    "$@"
  fi
}

# A long-lived server must hold none of its caller's files, locks or pipes.
close_inherited_files() {
  local fd
  for fd in "/proc/$BASHPID/fd/"*; do
    fd=${fd##*/}
    if ((fd > 2 && fd != 255)); then eval "exec $fd>&-"; fi
  done
}

# The bin directory of the newest PostgreSQL server here; empty when there is none.
server_bin() {
  local bin
  for bin in /usr/lib/postgresql/*/bin/postgres; do
    if [[ -x $bin ]]; then echo "${bin%/postgres}"; fi
  done | sort -V | tail -n 1
}

# Copies the installation of $1 to DIR/pg without pgvector and prints the copy's bin
# directory. A server finds its other directories relative to its own executable.
copy_without_pgvector() {
  local bin=$1 share lib part
  share=$("$bin/pg_config" --sharedir)
  lib=$("$bin/pg_config" --pkglibdir)
  for part in "$bin" "$lib" "$share"; do
    mkdir -p "$DIR/pg/$(dirname "${part#/usr/}")"
    cp -a "$part" "$DIR/pg/${part#/usr/}"
  done
  rm -rf "$DIR/pg/${share#/usr/}/extension/"{vector.control,vector--*.sql} \
    "$DIR/pg/${lib#/usr/}/"{vector.so,bitcode/vector,bitcode/vector.index.bc}
  echo "$DIR/pg/${bin#/usr/}"
}

prepare_dir() {
  mkdir -p "$DIR" || die "cannot make $DIR"
  [[ -z $(ls -A "$DIR") ]] || die "$DIR is not empty (stop a cluster there first)"
  if ((EUID == 0)); then
    id postgres &>/dev/null || die "PostgreSQL does not run as root, and there is no user postgres to run it"
    chown "postgres:$(id -g postgres)" "$DIR"
  fi
  as_server test -w "$DIR" || die "the user postgres cannot reach $DIR: choose a directory under /tmp"
}

make_cluster() {
  as_server "$1/initdb" -D "$DIR/data" -U tulving -E UTF8 --locale=C.UTF-8 --auth=trust \
    --no-sync --no-instructions &>"$DIR/log" || { cat "$DIR/log" >&2; die "initdb failed in $DIR"; }
  printf '%s\n' "listen_addresses = '127.0.0.1'" "unix_socket_directories = ''" \
    "fsync = off" "synchronous_commit = off" "full_page_writes = off" >>"$DIR/data/postgresql.conf"
}

# pg_ctl of the cluster in DIR.
control() { as_server "$(<"$DIR/tulving-cluster")/pg_ctl" -D "$DIR/data" "$@" >/dev/null; }

# Starts the server on port $1, or on a free one when $1 is empty.
start_server() {
  local fixed=$1 port
  for _ in {1..20}; do
    port=${fixed:-$((20000 + RANDOM % 12000))}
    rm -f "$DIR/log"
    if control start -l "$DIR/log" -w -t 60 -o "-p $port" &>/dev/null; then return; fi
    grep -q 'could not bind' "$DIR/log" 2>/dev/null || break
    [[ -z $fixed ]] || die "port $fixed is taken"
  done
  control stop -m immediate &>/dev/null || true
  tail -n 20 "$DIR/log" >&2 || true
  die "the server did not start; its log is $DIR/log"
}

start() {
  local bin without=no port=
  while (($#)); do
    case $1 in
      --without-pgvector) without=yes ;;
      --port) [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ ]] || usage; port=$2; shift ;;
      *) usage ;;
    esac
    shift
  done
  bin=$(server_bin)
  [[ -n $bin ]] || die "no PostgreSQL server under /usr/lib/postgresql"
  prepare_dir
  if [[ $without == yes ]]; then bin=$(copy_without_pgvector "$bin"); fi
  echo "$bin" >"$DIR/tulving-cluster"
  make_cluster "$bin"
  start_server "$port"
  uri
}

# Whether the server runs. (A killed one may stay a zombie where nothing reaps it, as
# in containers; pg_ctl takes that for running.)
running() {
  local pid
  pid=$(sed -n 1p "$DIR/data/postmaster.pid" 2>/dev/null) || return 1
  ! grep -qs '^State:[[:space:]]*Z' "/proc/$pid/status" && control status
}
# Line $1 of the running server's postmaster.pid.
fact() { running || die "no server is running in $DIR"; sed -n "$1p" "$DIR/data/postmaster.pid"; }
uri() { local port; port=$(fact 4); echo "postgresql://tulving@127.0.0.1:$port/postgres"; }

stop() {
  if running; then control stop -m immediate -w -t 60 || die "cannot stop the server in $DIR"; fi
  rm -rf "$DIR"
}

main() {
  local command=${1:-}
  [[ $command =~ ^(start|stop|uri|pid)$ && -n ${2:-} && $2 != -* ]] || usage
  [[ $command == start || $# -eq 2 ]] || usage
  DIR=$(realpath -m -- "$2")
  shift 2
  close_inherited_files
  unset "${!PG@}"  # the caller's PGPORT, PGDATA, ... are not for this cluster
  export LC_ALL=C.UTF-8
  cd /
  [[ $command == start || -f $DIR/tulving-cluster ]] || die "no cluster of this script in $DIR"
  case $command in
    start) start "$@" ;;
    stop) stop ;;
    uri) uri ;;
    pid) fact 1 ;;
  esac
}

main "$@"

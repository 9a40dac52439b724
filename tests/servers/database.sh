#!/bin/bash
# database.sh start   postgresql|mariadb DIR  starts a database server in DIR, on loopback and a free port, with the
#                                             table of operator/Backends/Sql/Schema and its two roles, and returns when
#                                             it accepts queries
# database.sh stop    postgresql|mariadb DIR  stops it (does nothing if it does not run)
# database.sh restart postgresql|mariadb DIR  stops it if it runs, and starts it with the same data and port
# In DIR:
#   database.env   PORT= OPERATOR_PASSWORD= DOVECOT_PASSWORD= of database `mail` and roles mail_operator and dovecot
#   ca.crt         verifies its TLS certificate, which is for 127.0.0.1 and localhost
#   admin          a folder with its socket: psql -h DIR/admin -p PORT -U postgres mail;
#                  mariadb --socket DIR/admin/mariadb.sock mail
#   pid, log
# With DATABASE_OWNER=PID it also ends when that process ends in any way. Needs root: the servers run as postgres and
# mysql.
set -euo pipefail
usage() { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
[ $# = 3 ] || usage
COMMAND=$1 ENGINE=$2 DIR=$3
SCHEMA=$(cd "$(dirname "$0")/../../operator/Backends/Sql/Schema" && pwd)
die() { echo "database: $*" >&2; exit 1; }
case $ENGINE in postgresql) RUN_USER=postgres ;; mariadb) RUN_USER=mysql ;; *) usage ;; esac
running() { [ -s "$DIR/pid" ] && kill -0 "$(<"$DIR/pid")" 2>/dev/null; }

stop() {
  local p
  if [ -s "$DIR/watch.pid" ]; then kill -- "-$(<"$DIR/watch.pid")" 2>/dev/null || :; rm -f "$DIR/watch.pid"; fi
  if running; then
    p=$(<"$DIR/pid")
    end "$p"
    for _ in {1..200}; do kill -0 "$p" 2>/dev/null || break; sleep 0.05; done
    kill -9 "$p" 2>/dev/null || :
  fi
  rm -f "$DIR/pid"
}
# on INT postgres ends its sessions first; mariadb handles only TERM
end() { if [ "$ENGINE" = postgresql ]; then kill -INT "$1"; else kill "$1"; fi 2>/dev/null || :; }

port() {
  local p
  while :; do
    p=$((20000 + (RANDOM<<4 ^ RANDOM) % 12000))
    (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p; return; }
  done
}

certificates() {
  local ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${ec[@]}" -subj /CN=test-ca -days 30 -keyout "$DIR/ca.key" -out "$DIR/ca.crt"
  openssl req "${ec[@]}" -subj /CN=localhost -keyout "$DIR/tls.key" -out "$DIR/tls.csr"
  openssl x509 -req -in "$DIR/tls.csr" -CA "$DIR/ca.crt" -CAkey "$DIR/ca.key" -CAcreateserial -days 30 \
    -out "$DIR/tls.crt" \
    -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  chown "$RUN_USER" "$DIR/tls.key"; chmod 600 "$DIR/tls.key"
}

postgresql_bin() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1; }

start_postgresql() {
  local bin; bin=$(postgresql_bin)
  [ -n "$bin" ] || die "PostgreSQL is not installed: tests/servers/install.sh"
  setpriv --reuid=postgres --regid=postgres --clear-groups "$bin/initdb" -D "$DIR/data" -U postgres \
    --auth=trust --no-sync >>"$DIR/log" 2>&1
  printf '%s\n' 'local all all trust' 'host all all all scram-sha-256' >"$DIR/data/pg_hba.conf"
  serve_postgresql
  admin -d postgres -c 'CREATE DATABASE mail'
  admin -d mail -f "$SCHEMA/postgresql-1.sql"
  admin -d mail -c "
    CREATE ROLE mail_operator LOGIN PASSWORD '$OPERATOR_PASSWORD';
    CREATE ROLE dovecot LOGIN PASSWORD '$DOVECOT_PASSWORD';
    GRANT SELECT, INSERT, UPDATE, DELETE ON mail_app_passwords TO mail_operator;
    GRANT SELECT ON mail_app_passwords_schema TO mail_operator;
    GRANT SELECT ON mail_app_passwords TO dovecot;"
}

serve_postgresql() {
  local bin; bin=$(postgresql_bin)
  setsid setpriv --reuid=postgres --regid=postgres --clear-groups \
    "$bin/postgres" -D "$DIR/data" -p "$PORT" -k "$DIR/admin" \
    -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=200 \
    -c ssl=on -c ssl_cert_file="$DIR/tls.crt" -c ssl_key_file="$DIR/tls.key" </dev/null >>"$DIR/log" 2>&1 &
  echo $! >"$DIR/pid"
  admin() { "$bin/psql" -q -v ON_ERROR_STOP=1 -h "$DIR/admin" -p "$PORT" -U postgres "$@" >>"$DIR/log" 2>&1; }
  wait_for admin -d postgres -c 'SELECT 1'
}

start_mariadb() {
  export PATH=$PATH:/usr/sbin TMPDIR=$DIR/admin       # it creates files there as mysql
  command -v mariadbd >/dev/null || die "MariaDB is not installed: tests/servers/install.sh"
  mariadb-install-db --no-defaults --user=mysql --datadir="$DIR/data" \
    --auth-root-authentication-method=normal --skip-test-db >>"$DIR/log" 2>&1
  serve_mariadb
  admin -e 'CREATE DATABASE mail'
  admin mail <"$SCHEMA/mysql-1.sql"
  admin mail -e "
    CREATE USER mail_operator IDENTIFIED BY '$OPERATOR_PASSWORD';
    CREATE USER dovecot IDENTIFIED BY '$DOVECOT_PASSWORD';
    GRANT SELECT, INSERT, UPDATE, DELETE ON mail.mail_app_passwords TO mail_operator;
    GRANT SELECT ON mail.mail_app_passwords_schema TO mail_operator;
    GRANT SELECT ON mail.mail_app_passwords TO dovecot;"
}

serve_mariadb() {
  export PATH=$PATH:/usr/sbin TMPDIR=$DIR/admin       # it creates files there as mysql
  setsid mariadbd --no-defaults --user=mysql --datadir="$DIR/data" --socket="$DIR/admin/mariadb.sock" \
    --bind-address=127.0.0.1 --port="$PORT" \
    --pid-file="$DIR/data/pid" --innodb-flush-log-at-trx-commit=0 --max-connections=200 --skip-name-resolve \
    --ssl-cert="$DIR/tls.crt" --ssl-key="$DIR/tls.key" --ssl-ca="$DIR/ca.crt" </dev/null >>"$DIR/log" 2>&1 &
  echo $! >"$DIR/pid"
  admin() { mariadb --no-defaults --socket="$DIR/admin/mariadb.sock" -u root "$@" >>"$DIR/log" 2>&1; }
  wait_for admin -e 'SELECT 1'
}

wait_for() {
  for _ in {1..400}; do
    if "$@"; then return; fi
    running || die "it did not start: $(tail -n 5 "$DIR/log")"
    sleep 0.05
  done
  die "it does not answer: $(tail -n 5 "$DIR/log")"
}

start() {
  [ "$(id -u)" = 0 ] || die "this needs root, to run the server as $RUN_USER"
  mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd)
  running && die "one already runs in $DIR"
  trap 'rc=$?; [ $rc = 0 ] || { tail -n 5 "$DIR/log" >&2; stop; }' EXIT
  local d=$DIR                                       # mktemp creates folders that only their owner may enter
  while [[ $d == "${TMPDIR:-/tmp}"/* ]]; do chmod o+x "$d"; d=$(dirname "$d"); done
  rm -rf "$DIR/data"; mkdir -p "$DIR/data" "$DIR/admin"; : >"$DIR/log"
  chown "$RUN_USER" "$DIR/data" "$DIR/admin"; chmod 700 "$DIR/data"
  PORT=$(port) OPERATOR_PASSWORD=$(openssl rand -hex 16) DOVECOT_PASSWORD=$(openssl rand -hex 16)
  certificates 2>>"$DIR/log"
  "start_$ENGINE"
  printf '%s\n' "PORT=$PORT" "OPERATOR_PASSWORD=$OPERATOR_PASSWORD" "DOVECOT_PASSWORD=$DOVECOT_PASSWORD" \
    >"$DIR/database.env"
  [ -z "${DATABASE_OWNER:-}" ] || watch "$(<"$DIR/pid")"
}
restart() {
  DIR=$(cd "$DIR" && pwd)
  stop
  # shellcheck disable=SC1091
  . "$DIR/database.env"
  "serve_$ENGINE"
  [ -z "${DATABASE_OWNER:-}" ] || watch "$(<"$DIR/pid")"
}
watch() {                                            # as in common.sh
  # shellcheck disable=SC2016
  setsid bash -c 'exec 9<> <(:)
    while kill -0 "$1" && kill -0 "$2"; do read -rt 1 -u 9; done; kill "-$3" "$2"; kill -CONT "$2"' \
    watch "$DATABASE_OWNER" "$1" "$([ "$ENGINE" = postgresql ] && echo INT || echo TERM)" </dev/null >/dev/null 2>&1 &
  echo $! >"$DIR/watch.pid"
}

case $COMMAND in start) start ;; stop) stop ;; restart) restart ;; *) usage ;; esac

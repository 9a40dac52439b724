#!/bin/bash
# dovecot.sh start DIR   starts a Dovecot in DIR, on loopback and free ports, and returns when it accepts logins
# dovecot.sh stop  DIR   stops it (does nothing if it does not run)
# In DIR:
#   app-passwords   the passwd-file for examples/dovecot/mail-operator-….conf; the caller writes the file
#   ports.env       IMAP_PORT= IMAPS_PORT= POP3_PORT= SUBMISSION_PORT= AUTH_PORT= DOVEADM_PORT=
#                   (AUTH_PORT is for Postfix: smtpd_sasl_path = inet:…)
#   people/         other accounts, whose passwords 2.3 caches: ADDRESS is a file with {"password": "…"}
#   doveadm.key     doveadm_api_key of the HTTP API at DOVEADM_PORT
#   dovecot.conf    for doveadm -c (of 2.4: dovecot-2.4.sh exec doveadm -c)
#   tls.crt         the certificate of every TLS and STARTTLS, for 127.0.0.1 and localhost
#   dovecot.log     logins with their device, refusals with their reason, never a password
#   pid, mail/      its process, and the mail of any user that has a password
# DOVECOT=2.4 starts Debian 13's (dovecot-2.4.sh) instead of the machine's 2.3.
# PASSWD_FILE=PATH: a passwd-file elsewhere. DOVEADM_TLS=yes: the HTTP API with TLS, and only so.
# DATABASE=postgresql:FOLDER or mariadb:FOLDER of database.sh, or ldap:FOLDER of ldap.sh: it looks up passwords there,
# by examples/dovecot/mail-operator-…. With BOTH=1 also in the passwd-file, which it asks first.
# With DOVECOT_OWNER=PID it also ends when that process ends in any way.
# Runs as root, or as a plain user with that user's rights.
set -euo pipefail
usage() { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
[ $# = 2 ] || usage
COMMAND=$1 DIR=$2 DOVECOT=${DOVECOT:-2.3}
HERE=$(cd "$(dirname "$0")" && pwd)
export PATH=$PATH:/usr/sbin:/sbin                 # Debian's folder of dovecot, also for a plain user
NAME=dovecot
# shellcheck source=tests/servers/common.sh
. "$HERE/common.sh"

configure() {
  IMAP_PORT=$(port) IMAPS_PORT=$(port) POP3_PORT=$(port) SUBMISSION_PORT=$(port) AUTH_PORT=$(port) DOVEADM_PORT=$(port)
  lookup
  cat >"$DIR/people.conf" <<X
uri = fs:posix:prefix=$DIR/people/
iterate_disable = yes
default_pass_scheme = PLAIN
key passdb {
  key = %{user}
  format = json
}
passdb_objects = passdb
X
  { "settings_$DOVECOT"; services; } >"$DIR/dovecot.conf"
}

lookup() {                                         # the shipped configuration with other paths, host, port and password
  local shipped=$HERE/../../examples/dovecot kind place
  FILE_LOOKUP=
  if [ -z "${DATABASE:-}" ] || [ -n "${BOTH:-}" ]; then
    sed "s#/etc/dovecot/app-passwords#$PASSWD_FILE#" "$shipped/mail-operator-$DOVECOT.conf" \
      >"$DIR/mail-operator-file.conf"
    FILE_LOOKUP="!include $DIR/mail-operator-file.conf"
  fi
  DATABASE_LOOKUP=
  [ -n "${DATABASE:-}" ] || return 0
  DATABASE_LOOKUP="!include $DIR/mail-operator.conf"
  case ${DATABASE%%:*} in
    postgresql) kind=postgresql ;;
    mariadb) kind=mysql ;;
    ldap) lookup_in_directory "${DATABASE#*:}" "$shipped"; return ;;
    *) die "DATABASE is postgresql:FOLDER, mariadb:FOLDER or ldap:FOLDER, not $DATABASE" ;;
  esac
  local folder=${DATABASE#*:} PORT DOVECOT_PASSWORD
  # shellcheck disable=SC1091
  . "$folder/database.env"
  if [ "$DOVECOT" = 2.4 ]; then
    sed -e 's#db\.example\.com#127.0.0.1#' -e "s#port = .*#port = $PORT#" \
      -e "s#password = secret#password = $DOVECOT_PASSWORD#" \
      -e "s#/etc/ssl/certs/ca-certificates.crt#$folder/ca.crt#" \
      "$shipped/mail-operator-$kind-2.4.conf" >"$DIR/mail-operator.conf"
    return
  fi
  sed "s#/etc/dovecot/#$DIR/#" "$shipped/mail-operator-sql-2.3.conf" >"$DIR/mail-operator.conf"
  sed -e "s#host=db\.example\.com#host=127.0.0.1 port=$PORT#" -e "s#password=secret#password=$DOVECOT_PASSWORD#" \
    -e "s#/etc/ssl/certs/ca-certificates.crt#$folder/ca.crt#" \
    "$shipped/mail-operator-$kind.conf.ext" >"$DIR/mail-operator-sql.conf.ext"
  for place in 1 2 3 4; do
    sed -e "s/PLACE/$place/" -e "s#/etc/dovecot/#$DIR/#" "$shipped/mail-operator-$kind-chosen.conf.ext" \
      >"$DIR/mail-operator-sql-chosen-$place.conf.ext"
  done
}

lookup_in_directory() {                            # FOLDER SHIPPED
  local folder=$1 shipped=$2 place PORT DOVECOT_PASSWORD
  # shellcheck disable=SC1091
  . "$folder/ldap.env"
  adapted() {
    sed -e "s#/etc/dovecot/#$DIR/#" -e "s#ldap://ldap\.example\.com#ldap://127.0.0.1:$PORT#" \
      -e "s#/etc/ssl/certs/ca-certificates.crt#$folder/ca.crt#" \
      -e "s#^dnpass = .*#dnpass = $DOVECOT_PASSWORD#" -e "s#dn_password = .*#dn_password = $DOVECOT_PASSWORD#" "$@"
  }
  adapted "$shipped/mail-operator-ldap-$DOVECOT.conf" >"$DIR/mail-operator.conf"
  [ "$DOVECOT" = 2.3 ] || return 0
  adapted "$shipped/mail-operator-ldap.conf.ext" >"$DIR/mail-operator-ldap.conf.ext"
  for place in 1 2 3 4; do
    adapted -e "s/PLACE/$place/" "$shipped/mail-operator-ldap-chosen.conf.ext" \
      >"$DIR/mail-operator-ldap-chosen-$place.conf.ext"
  done
}

# a cache that would accept a revoked password for an hour, unless the shipped configuration prevents it
AUTH_CACHE='auth_cache_size = 1M
auth_cache_ttl = 1 hour
auth_cache_negative_ttl = 0'

settings_2.3() {
  cat <<X
base_dir = $DIR/run
state_dir = $DIR/run
log_path = $DIR/dovecot.log
listen = $LISTEN
protocols = imap pop3 submission
hostname = localhost
auth_verbose = yes
ssl = yes
ssl_cert = <$DIR/tls.crt
ssl_key = <$DIR/tls.key
disable_plaintext_auth = no

$AUTH_CACHE
$FILE_LOOKUP
$DATABASE_LOOKUP

# other accounts of the mail system, in a passdb whose results Dovecot caches
passdb {
  driver = dict
  args = $DIR/people.conf
}
userdb {
  driver = static
  args = uid=$MAIL_USER gid=$MAIL_GROUP home=$DIR/mail/%Lu
}
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 0
# a login to submission still succeeds; mail sent then is refused
submission_relay_host = 127.0.0.1
submission_relay_port = 9
X
}
settings_2.4() {
  cat <<X
dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
base_dir = $DIR/run
state_dir = $DIR/run
log_path = $DIR/dovecot.log
listen = $LISTEN
protocols = imap pop3 submission
hostname = localhost
auth_verbose = yes
ssl = yes
ssl_server_cert_file = $DIR/tls.crt
ssl_server_key_file = $DIR/tls.key
auth_allow_cleartext = yes

$AUTH_CACHE
$FILE_LOOKUP
$DATABASE_LOOKUP

userdb static {
  fields {
    uid = $MAIL_USER
    gid = $MAIL_GROUP
    home = $DIR/mail/%{user | lower}
  }
}
mail_driver = maildir
mail_path = ~/Maildir
first_valid_uid = 1
first_valid_gid = 0
# a login to submission still succeeds; mail sent then is refused
submission_relay_host = 127.0.0.1
submission_relay_port = 9
X
}
services() {                                       # the same in both versions, except one name
  local SAME_PROCESS='service_count = 0'; [ "$DOVECOT" = 2.3 ] || SAME_PROCESS='restart_request_count = unlimited'
  cat <<X
# tests make many logins and many failures from one address
auth_failure_delay = 0
mail_max_userip_connections = 10000
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}

# a plain user may run this, and then owns the passwd-file
default_internal_user = $INTERNAL_USER
default_internal_group = $INTERNAL_GROUP
default_login_user = $LOGIN_USER
service auth {
  user = $RUN_USER
  inet_listener sasl {
    port = $AUTH_PORT
  }
}
service imap-login {
  chroot =
  $SAME_PROCESS
  inet_listener imap {
    port = $IMAP_PORT
  }
  inet_listener imaps {
    port = $IMAPS_PORT
    ssl = yes
  }
}
service pop3-login {
  chroot =
  $SAME_PROCESS
  inet_listener pop3 {
    port = $POP3_PORT
  }
  inet_listener pop3s {
    port = 0
  }
}
service submission-login {
  chroot =
  $SAME_PROCESS
  inet_listener submission {
    port = $SUBMISSION_PORT
  }
  inet_listener submissions {
    port = 0
  }
}
doveadm_api_key = $DOVEADM_KEY
service doveadm {
  chroot =
  inet_listener http {
    port = $DOVEADM_PORT
    ssl = ${DOVEADM_TLS:-no}
  }
}
X
}

start() {
  case $DOVECOT in
    2.3)
      DOVECOT_COMMAND=(dovecot)
      command -v dovecot >/dev/null || die "it is not installed: tests/servers/install.sh" ;;
    2.4)
      DOVECOT_COMMAND=("$HERE/dovecot-2.4.sh" exec dovecot)
      "$HERE/dovecot-2.4.sh" >/dev/null ;;
    *) die "DOVECOT is 2.3 or 2.4, not $DOVECOT" ;;
  esac
  [[ $("${DOVECOT_COMMAND[@]}" --version) == "$DOVECOT".* ]] ||
    die "this is written for Dovecot $DOVECOT, not $("${DOVECOT_COMMAND[@]}" --version)"
  mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd); PASSWD_FILE=${PASSWD_FILE:-$DIR/app-passwords}
  running && die "one already runs in $DIR"
  umask 022; mkdir -p "$DIR/run" "$DIR/mail" "$DIR/people"
  DOVEADM_KEY=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  ( umask 077; echo "$DOVEADM_KEY" >"$DIR/doveadm.key" )
  RUN_USER=$(id -un) MAIL_USER=$(id -un) MAIL_GROUP=$(id -gn)
  INTERNAL_USER=$(id -un) INTERNAL_GROUP=$(id -gn) LOGIN_USER=$(id -un)
  if [ "$(id -u)" = 0 ]; then
    MAIL_USER=nobody MAIL_GROUP=nogroup INTERNAL_USER=dovecot INTERNAL_GROUP=dovecot LOGIN_USER=dovenull
    chown nobody:nogroup "$DIR/mail"
    passable "$DIR/mail" "$MAIL_USER"
  fi
  LISTEN=127.0.0.1
  # shellcheck disable=SC2013
  if grep -qE '^0{31}1 ' /proc/net/if_inet6 2>/dev/null; then LISTEN+=", ::1"; fi
  [ -s "$DIR/tls.crt" ] || certificate
  local try pid
  for try in 1 2 3 4 5; do
    configure
    # its own session: Ctrl-C in a terminal goes to the caller, who then stops it
    setsid "${DOVECOT_COMMAND[@]}" -F -c "$DIR/dovecot.conf" </dev/null >"$DIR/dovecot.out" 2>&1 &
    pid=$!; echo "$pid" >"$DIR/pid"
    for _ in {1..200}; do
      kill -0 "$pid" 2>/dev/null || break
      if accepts "$IMAP_PORT"; then
        printf '%s\n' "IMAP_PORT=$IMAP_PORT" "IMAPS_PORT=$IMAPS_PORT" "POP3_PORT=$POP3_PORT" \
          "SUBMISSION_PORT=$SUBMISSION_PORT" "AUTH_PORT=$AUTH_PORT" "DOVEADM_PORT=$DOVEADM_PORT" >"$DIR/ports.env"
        [ -z "${DOVECOT_OWNER:-}" ] || watch "$DOVECOT_OWNER" "$pid"
        return
      fi
      sleep 0.05
    done
    stop
    grep -qs 'Address already in use' "$DIR/dovecot.out" "$DIR/dovecot.log" || break
    [ "$try" = 5 ] || { : >"$DIR/dovecot.log"; }      # a port was taken meanwhile: try others
  done
  die "it did not start: $(cat "$DIR/dovecot.out" "$DIR/dovecot.log" 2>/dev/null | tail -n 3)"
}

case $COMMAND in start) start ;; stop) stop ;; *) usage ;; esac

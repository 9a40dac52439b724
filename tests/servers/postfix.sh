#!/bin/bash
# postfix.sh start DIR   starts a Postfix in DIR, on loopback and a free port, and returns when it accepts connections
# postfix.sh stop  DIR   stops it (does nothing if it does not run)
# AUTH_PORT=PORT         of its Dovecot (ports.env of dovecot.sh); required to start
# In DIR:
#   ports.env       SUBMISSION_PORT= (STARTTLS and a login are required), PORT if that is set
#   etc/            its configuration: examples/postfix with other paths and ports. For postconf -c and others
#   postfix.log     its log
#   tls.crt         its certificate, for 127.0.0.1 and localhost
#   pid             its process
# It discards accepted mail, except mail to MAILBOXES (addresses of one domain), which it delivers to ADDRESS/Maildir
# below MAIL_HOMES. With POSTFIX_OWNER=PID it also ends when that process ends in any way. Only root may run a Postfix.
set -euo pipefail
usage() { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
[ $# = 2 ] || usage
COMMAND=$1 DIR=$2 NAME=postfix
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/servers/common.sh
. "$HERE/common.sh"

configure() {
  SUBMISSION_PORT=${PORT:-$(port)}
  local shipped=$HERE/../../examples/postfix
  { cat <<X
compatibility_level = 3.6
queue_directory = $DIR/queue
data_directory = $DIR/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = $DIR/postfix.log
maillog_file_prefixes = $DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost.localdomain
mydestination =
alias_maps =
alias_database =
default_transport = discard:
smtpd_tls_chain_files = $DIR/tls.key, $DIR/tls.crt
# tests make many logins and many failures from one address
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
X
    [ -z "${MAILBOXES:-}" ] || cat <<X
virtual_mailbox_domains = ${MAILBOXES##*@}
virtual_mailbox_base = $MAIL_HOMES
virtual_mailbox_maps = texthash:$DIR/etc/mailboxes
virtual_uid_maps = static:$(stat -c %u "$MAIL_HOMES")
virtual_gid_maps = static:$(stat -c %g "$MAIL_HOMES")
virtual_minimum_uid = 1
X
    for one in ${MAILBOXES:-}; do echo "$one $one/Maildir/"; done >"$DIR/etc/mailboxes"
    sed -e "s#^smtpd_sasl_path = .*#smtpd_sasl_path = inet:127.0.0.1:$AUTH_PORT#" -e "s#/etc/postfix/#$DIR/etc/#" \
      "$shipped/main.cf"
  } >"$DIR/etc/main.cf"
  { cat <<X
postlog   unix-dgram n - n - 1 postlogd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
tlsmgr    unix - - n 1000? 1 tlsmgr
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
X
    sed "s/^submission /127.0.0.1:$SUBMISSION_PORT /" "$shipped/master.cf"
  } >"$DIR/etc/master.cf"
  cp "$shipped/sender_login" "$DIR/etc/"
}

start() {
  export PATH=$PATH:/usr/sbin:/sbin
  command -v postfix >/dev/null || die "it is not installed: tests/servers/install.sh"
  [ "$(id -u)" = 0 ] || die "only root may run it"
  [ -n "${AUTH_PORT:-}" ] || die "AUTH_PORT is missing: the port at which Dovecot answers"
  mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd)
  running && die "one already runs in $DIR"
  umask 022; mkdir -p "$DIR"/{etc,queue,data}; chown postfix "$DIR/data"
  passable "$DIR/queue" postfix
  [ -s "$DIR/tls.crt" ] || certificate
  for _ in 1 2 3 4 5; do
    configure
    : >"$DIR/postfix.log"
    # it returns when the master listens, in its own session
    if postfix -c "$DIR/etc" start </dev/null >"$DIR/postfix.out" 2>&1; then
      tr -d ' ' <"$DIR/queue/pid/master.pid" >"$DIR/pid"
      echo "SUBMISSION_PORT=$SUBMISSION_PORT" >"$DIR/ports.env"
      [ -z "${POSTFIX_OWNER:-}" ] || watch "$POSTFIX_OWNER" "$(<"$DIR/pid")"
      return
    fi
    # a port was taken meanwhile: try another
    grep -qs 'Address already in use' "$DIR/postfix.out" "$DIR/postfix.log" || break
  done
  die "it did not start: $(cat "$DIR/postfix.out" "$DIR/postfix.log" | tail -n 3)"
}

case $COMMAND in start) start ;; stop) stop ;; *) usage ;; esac

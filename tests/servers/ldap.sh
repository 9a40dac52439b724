#!/bin/bash
# ldap.sh start   DIR  starts an OpenLDAP in DIR, on loopback and free ports, with the shipped schema, entries and
#                      access rules, and returns when it answers
# ldap.sh stop    DIR  stops it (does nothing if it does not run)
# ldap.sh restart DIR  stops it if it runs, and starts it with the same data and ports
# In DIR:
#   ldap.env   PORT= (StartTLS) LDAPS_PORT= OPERATOR_PASSWORD= DOVECOT_PASSWORD= of cn=mail-operator and cn=dovecot
#              below dc=example,dc=com
#   ca.crt     verifies its TLS certificate, which is for 127.0.0.1 and localhost
#   ldapi      its socket, where the caller is the administrator: ldapsearch -Y EXTERNAL -H ldapi://%2F…
#   pid, log
# With LDAP_OWNER=PID it also ends when that process ends in any way. With LDAP_SCHEMA=none the schema, and the access
# rules that name its attributes, are not loaded.
set -euo pipefail
usage() { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
[ $# = 2 ] || usage
COMMAND=$1 DIR=$2
HERE=$(cd "$(dirname "$0")" && pwd) ROOT=$(cd "$(dirname "$0")/../.." && pwd)
export PATH=$PATH:/usr/sbin:/sbin
# shellcheck disable=SC2034
NAME=ldap
# shellcheck source=tests/servers/common.sh
. "$HERE/common.sh"

certificates() {
  local ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${ec[@]}" -subj /CN=test-ca -days 30 -keyout "$DIR/ca.key" -out "$DIR/ca.crt"
  openssl req "${ec[@]}" -subj /CN=localhost -keyout "$DIR/tls.key" -out "$DIR/tls.csr"
  openssl x509 -req -in "$DIR/tls.csr" -CA "$DIR/ca.crt" -CAkey "$DIR/ca.key" -CAcreateserial -days 30 \
    -out "$DIR/tls.crt" \
    -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1')
}

configuration() {                                  # a server as Debian makes it, with its administrator's database
  local me; me="gidNumber=$(id -g)+uidNumber=$(id -u),cn=peercred,cn=external,cn=auth"
  cat <<L
dn: cn=config
objectClass: olcGlobal
cn: config
olcTLSCertificateFile: $DIR/tls.crt
olcTLSCertificateKeyFile: $DIR/tls.key

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif

dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcAccess: {0}to * by dn.exact=$me manage by * none

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcDbDirectory: $DIR/data
olcDbNoSync: TRUE
olcDbMaxSize: 268435456
olcSuffix: dc=example,dc=com
olcRootDN: $me
olcDbIndex: objectClass eq
olcAccess: {0}to attrs=userPassword by self write by anonymous auth by * none
olcAccess: {1}to * by * read

L
}

as_administrator() { ldapmodify -Q -Y EXTERNAL -H "ldapi://${SOCKET//\//%2F}" "$@" >>"$DIR/log" 2>&1; }

start() {
  command -v slapd >/dev/null || die "it is not installed: tests/servers/install.sh"
  mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd) SOCKET=$DIR/ldapi
  running && die "one already runs in $DIR"
  trap 'rc=$?; [ $rc = 0 ] || { tail -n 5 "$DIR/log" >&2; stop; }' EXIT
  rm -rf "$DIR/data" "$DIR/slapd.d"; mkdir -p "$DIR/data" "$DIR/slapd.d"; chmod 700 "$DIR/data" "$DIR/slapd.d"
  : >"$DIR/log"
  local port ldaps operator dovecot
  port=$(port) ldaps=$(port) operator=$(openssl rand -hex 16) dovecot=$(openssl rand -hex 16)
  certificates 2>>"$DIR/log"
  configuration | slapadd -q -n 0 -F "$DIR/slapd.d" >>"$DIR/log" 2>&1
  serve "$port" "$ldaps"
  as_administrator -a <<'L'
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: example
L
  # the shipped files; only the passwords differ
  [ "${LDAP_SCHEMA:-}" = none ] || as_administrator -a -f "$ROOT/operator/Backends/Ldap/Schema/openldap-1.ldif"
  sed -e "s/CHANGE-ME-OPERATOR/$operator/" -e "s/CHANGE-ME-DOVECOT/$dovecot/" "$ROOT/examples/openldap/tree.ldif" |
    as_administrator -a
  [ "${LDAP_SCHEMA:-}" = none ] || as_administrator -f "$ROOT/examples/openldap/access.ldif"
  as_administrator -a -f "$ROOT/examples/openldap/expiry.ldif"
  as_administrator -a -f "$ROOT/examples/openldap/expiry-policy.ldif"
  (
    umask 077
    printf '%s\n' "PORT=$port" "LDAPS_PORT=$ldaps" "OPERATOR_PASSWORD=$operator" "DOVECOT_PASSWORD=$dovecot" \
      >"$DIR/ldap.env"
  )
}

serve() {                                          # PORT LDAPS_PORT
  # -d: it stays in the foreground and logs to standard error
  setsid slapd -d "${LDAP_DEBUG:-none}" -F "$DIR/slapd.d" \
    -h "ldap://127.0.0.1:$1 ldaps://127.0.0.1:$2 ldapi://${SOCKET//\//%2F}" </dev/null >>"$DIR/log" 2>&1 &
  echo $! >"$DIR/pid"
  [ -z "${LDAP_OWNER:-}" ] || watch "$LDAP_OWNER" "$(<"$DIR/pid")"
  local i; for i in {1..200}; do
    if ldapwhoami -Q -Y EXTERNAL -H "ldapi://${SOCKET//\//%2F}" >/dev/null 2>&1; then return; fi
    running || die "it did not start"
    [ "$i" != 200 ] || die "it does not answer"
    sleep 0.05
  done
}

restart() {                                        # with the same data and ports
  DIR=$(cd "$DIR" && pwd) SOCKET=$DIR/ldapi
  stop
  # shellcheck disable=SC1091
  . "$DIR/ldap.env"
  serve "$PORT" "$LDAPS_PORT"
}

case $COMMAND in start) start ;; stop) stop ;; restart) restart ;; *) usage ;; esac

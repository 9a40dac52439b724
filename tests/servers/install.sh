#!/bin/bash
# install.sh  installs the programs that the tests and `make run` start, from the machine's own Debian archive: Dovecot,
# Postfix, Lua, Python, Chromium, buildah, runc and the clients. Instant if all are installed. It starts nothing: each
# test starts its own servers, on loopback, with its own configuration.
set -euo pipefail
WANT=(
  tzdata chromium fonts-dejavu-core
  dovecot-core dovecot-imapd dovecot-pop3d dovecot-submissiond dovecot-pgsql dovecot-mysql dovecot-ldap
  slapd ldap-utils postgresql mariadb-server postfix swaks
  buildah runc golang-github-containers-common
  prometheus
  lua5.1 python3 curl openssl ca-certificates procps util-linux
)
say() { echo "servers [${SECONDS}s] $*" >&2; }
die() { say "$*"; exit 1; }
command -v dpkg-query >/dev/null || die "this installs on Debian only. Needed: ${WANT[*]}"
MISSING=()
for p in "${WANT[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null || :)" = installed ] || MISSING+=("$p")
done
[ ${#MISSING[@]} -gt 0 ] || exit 0
[ "$(id -u)" = 0 ] || die "missing: ${MISSING[*]}. Run this once as root: $0"

# Debian starts a server when it installs it. policy-rc.d prevents that; the machine's own is restored at the end.
POLICY=/usr/sbin/policy-rc.d SAVED= LOG=$(mktemp "${TMPDIR:-/tmp}/servers-install.XXXXXX")
cleanup() {
  local rc=$?
  rm -f "$POLICY"
  if [ -n "$SAVED" ]; then mv "$SAVED" "$POLICY"; fi
  if [ $rc != 0 ]; then say "failed; the end of the log:"; tail -n 15 "$LOG" >&2; fi
  rm -f "$LOG"
}
trap cleanup EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
if [ -e "$POLICY" ]; then SAVED=$POLICY.saved-by-mail-operator; mv "$POLICY" "$SAVED"; fi
printf '#!/bin/sh\nexit 101\n' >"$POLICY"; chmod 755 "$POLICY"

export DEBIAN_FRONTEND=noninteractive
# without a terminal apt is silent for long: show the current package
quietly() {
  "$@" 2>&1 </dev/null | tee -a "$LOG" | sed -unE 's/^(Get:|Unpacking |Setting up )([^ ]+ )?.*/&/p' | cut -c1-100 |
    sed -u 's/^/  /' >&2
}
say "missing: ${MISSING[*]}"
say "package lists"
quietly apt-get -o Acquire::Retries=3 update
say "install"
# keep the machine's configuration files, ask nothing
quietly apt-get -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 \
  install -y --no-install-recommends "${MISSING[@]}"
say "done"

#!/bin/bash
# dovecot-2.4.sh                    prints only the folder with the /usr of Debian 13's Dovecot 2.4 on standard output;
#                                   fetches it into the cache if it is missing (32 MB and 10 s, once). Needs neither
#                                   root nor an installed package.
# dovecot-2.4.sh exec PROGRAM ARG…  becomes that program of it (dovecot, doveadm, doveconf). The program keeps this
#                                   process and its user, and sees all files of the machine, but with the folder above
#                                   as /usr: its libraries are newer than Debian 12's. The mount belongs to the program
#                                   and ends with it.
set -euo pipefail
RECIPE=3                                            # increase it to make every machine fetch again
PACKAGES=(dovecot-core dovecot-imapd dovecot-pop3d dovecot-submissiond dovecot-pgsql dovecot-mysql dovecot-ldap
  util-linux)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/mail-operator/dovecot-2.4
ROOT=$CACHE/$RECIPE
say() { echo "dovecot-2.4: $*" >&2; }
die() { say "$*"; exit 1; }

fetch() (                                           # a subshell: its traps and its apt settings end with it
  for c in apt-get dpkg-deb flock unshare; do
    command -v $c >/dev/null || die "$c is missing: this works on Debian only."
  done
  mkdir -p "$CACHE"; exec 9>"$CACHE/lock"; flock 9  # concurrent runs fetch once
  if [ -x "$ROOT/usr/sbin/dovecot" ]; then return; fi
  TMP=$(mktemp -d "$CACHE/tmp.XXXXXX"); trap 'rm -rf "$TMP"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
  say "fetching Debian 13's packages (32 MB, once)"
  mkdir -p "$TMP"/{lists/partial,cache/archives/partial,root}
  # a private apt state, on the archive of the machine's own suite; no package counts as installed
  suite=$(. /etc/os-release; echo "${VERSION_CODENAME:-bookworm}")
  mirror=$(apt-get --print-uris update 2>>"$TMP/log" |
    sed -nE "s#^'(.*)/dists/($suite|stable|oldstable|testing)/InRelease'.*#\1#p" | head -n 1)
  [ -n "$mirror" ] ||
    die "apt on this machine has no Debian archive for $suite (apt-get --print-uris update names none)."
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb [target=Packages signed-by=$keyring] $mirror trixie main" >"$TMP/sources.list"
  : >"$TMP/status"; export APT_CONFIG=$TMP/apt.conf
  cat >"$APT_CONFIG" <<C
Dir::Etc { sourcelist "$TMP/sources.list"; sourceparts "/dev/null"; };
Dir::Etc { preferences "/dev/null"; preferencesparts "/dev/null"; };
Dir::State "$TMP"; Dir::State::lists "$TMP/lists"; Dir::State::status "$TMP/status"; Dir::Cache "$TMP/cache";
APT::Sandbox::User "root"; APT::Install-Recommends "false"; Acquire::Retries "3"; Debug::NoLocking "1";
C
  { apt-get update --error-on=any && apt-get install -y --download-only "${PACKAGES[@]}"; } >>"$TMP/log" 2>&1 ||
    die "apt-get failed: $(grep -m 2 '^[EW]:' "$TMP/log" | tr '\n' ' ')"
  for deb in "$TMP"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$TMP/root"; done
  rm -rf "$TMP"/root/usr/share/{doc,man,locale,info,lintian}
  rm -rf "$ROOT"; mv "$TMP/root" "$ROOT"            # atomically: complete or not at all
)

[ -x "$ROOT/usr/sbin/dovecot" ] || fetch
if [ $# = 0 ]; then echo "$ROOT/usr"; exit; fi
[ "$1" = exec ] && [ $# -gt 1 ] || { sed -n '2,8s/^# //p' "$0" >&2; exit 2; }
shift

# The shell that mounts keeps the old /usr; the program that it becomes uses the new one. Only root may mount, so any
# other user is root in a namespace for the mount, and itself again in another namespace within it.
# shellcheck disable=SC2016
IN_ITS_USR='mount --bind "$1" /usr && shift && exec "$@"'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
if [ "$(id -u)" = 0 ]; then exec unshare --mount bash -c "$IN_ITS_USR" bash "$ROOT/usr" "$@"; fi
exec unshare --map-root-user --mount bash -c "$IN_ITS_USR" bash "$ROOT/usr" \
  unshare --user --map-user="$(id -u)" --map-group="$(id -g)" "$@"

#!/bin/bash
# debian-base.sh  makes two small images of this machine's Debian packages, for machines that reach no image registry,
#                 and prints their names: one to build in (a shell; the .NET SDK is mounted from this machine) and one
#                 to run in (libraries, certificates and time zones, no shell, no package manager). Instant if both
#                 exist. Needs buildah and apt, but not root's apt settings.
set -euo pipefail
RECIPE=2                                            # increase it to make every machine build them again
RUN=(base-files libc6 libssl3 ca-certificates tzdata)
# what the .NET SDK and the linker need
BUILD=(dash coreutils findutils sed libacl1 libattr1 libgmp10 libselinux1 libpcre2-8-0 zlib1g libgcc-s1 libstdc++6
  gcc-12 cpp-12 gcc-12-base libgcc-12-dev libcc1-0 libmpc3 libmpfr6 libisl23 libzstd1 libc6-dev linux-libc-dev
  libcrypt-dev libcrypt1 zlib1g-dev binutils binutils-common "binutils-$(uname -m | tr _ -)-linux-gnu" libbinutils
  libctf0 libctf-nobfd0 libgprofng0 libjansson4)
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/mail-operator/image-base
say() { echo "debian-base: $*" >&2; }
die() { say "$*"; exit 1; }
for c in apt-get dpkg-deb buildah flock; do command -v $c >/dev/null || die "$c is missing."; done
NAMES=("localhost/mail-operator-build:$RECIPE" "localhost/mail-operator-base:$RECIPE")
mkdir -p "$CACHE"; exec 9>"$CACHE/lock"; flock 9    # concurrent runs make them once
if ! buildah inspect --type image "${NAMES[0]}" >/dev/null 2>&1 ||
  ! buildah inspect --type image "${NAMES[1]}" >/dev/null 2>&1; then
  TMP=$(mktemp -d "$CACHE/tmp.XXXXXX"); trap 'rm -rf "$TMP"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
  mkdir "$TMP/debs" "$TMP/base" "$TMP/build"
  say "fetch ${#RUN[@]} + ${#BUILD[@]} packages"
  (cd "$TMP/debs" && apt-get -q -o APT::Sandbox::User=root download "${RUN[@]}" "${BUILD[@]}") >"$TMP/log" 2>&1 ||
    die "apt-get download: $(tail -n 1 "$TMP/log")"
  unpack() {                                        # FOLDER PACKAGE…
    local into=$1 p; shift
    for p in "$@"; do dpkg-deb -x "$TMP/debs/${p}_"*.deb "$into"; done
  }
  unpack "$TMP/base" "${RUN[@]}"; unpack "$TMP/build" "${RUN[@]}" "${BUILD[@]}"
  for d in "$TMP/base" "$TMP/build"; do
    # what ca-certificates and base-files make when they are installed
    mkdir -p "$d/etc/ssl/certs"
    find "$d/usr/share/ca-certificates/mozilla" -name '*.crt' | LC_ALL=C sort | xargs cat \
      >"$d/etc/ssl/certs/ca-certificates.crt"
    echo 'root:x:0:0:root:/root:/usr/sbin/nologin' >"$d/etc/passwd"
    echo 'mail-operator:x:64198:64198::/nonexistent:/usr/sbin/nologin' >>"$d/etc/passwd"
    printf 'root:x:0:\nmail-operator:x:64198:\n' >"$d/etc/group"
    mkdir -p "$d/tmp" "$d/root"; chmod 1777 "$d/tmp"
  done
  # nothing that runs: the libraries' licences stay in usr/share/doc/*/copyright
  rm -rf "$TMP/base"/{bin,sbin,boot,home,media,mnt,opt,srv} "$TMP/base"/usr/{bin,sbin,games}
  rm -rf "$TMP/base"/usr/share/{man,info,lintian,locale,bug} "$TMP/base"/usr/share/zoneinfo/{right,posix}
  rm -rf "$TMP/base"/usr/lib/*/{gconv,audit,engines-3}
  find "$TMP/base/usr/share/doc" -type f ! -name copyright -delete
  ln -s /usr/share/dotnet/dotnet "$TMP/build/usr/bin/dotnet"; ln -sf dash "$TMP/build/bin/sh"
  ln -s gcc-12 "$TMP/build/usr/bin/gcc"
  say "make the images"
  for i in 0 1; do
    folder=$([ $i = 0 ] && echo build || echo base)
    printf 'FROM scratch\nCOPY . /\n' >"$TMP/Dockerfile.$folder"
    buildah build -q --timestamp 0 --format oci -t "${NAMES[$i]}" -f "$TMP/Dockerfile.$folder" "$TMP/$folder" \
      >"$TMP/log" 2>&1 || die "buildah: $(tail -n 1 "$TMP/log")"
  done
fi
echo "${NAMES[*]}"

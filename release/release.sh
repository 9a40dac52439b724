#!/bin/bash
# release.sh  makes all files of a release in artifacts/release, and publishes nothing: the chart's package, the
#             manifests, an archive of the image for each architecture, SBOM, licences, checksums and provenance. One
#             commit gives the same bytes again, as far as the base image is the same.
# Settings: ARCHES="amd64 arm64" (default: this machine's; "" for no image), and those of image.sh
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) ROOT=$(cd "$HERE/.." && pwd)
say() { echo "release [${SECONDS}s] $*" >&2; }
cd "$ROOT"
OUT=${OUT:-$ROOT/artifacts/release}
VERSION=$(sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' Directory.Build.props)
REVISION=$(git rev-parse HEAD)
EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}; export SOURCE_DATE_EPOCH=$EPOCH
HELM=$(tests/servers/helm.sh)
if [ -n "$(git status --porcelain)" ]; then say "warning: the working tree has changes that are in no commit"; fi
if ! grep -q "^## \[$VERSION\]" CHANGELOG.md; then say "CHANGELOG.md has no section for $VERSION"; exit 1; fi
rm -rf "$OUT"; mkdir -p "$OUT"
say "chart and manifests of $VERSION"
# helm package records the files' times: those of the commit
TMP=$(mktemp -d); trap 'rm -rf "$TMP"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
cp -r charts/mail-operator "$TMP/mail-operator"
"$HELM" package "$TMP/mail-operator" --destination "$TMP" >&2
mkdir "$TMP/unpacked"; tar -C "$TMP/unpacked" -xzf "$TMP/mail-operator-$VERSION.tgz"
tar -C "$TMP/unpacked" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$EPOCH" -cf - mail-operator |
  gzip -9 -n >"$OUT/mail-operator-$VERSION.tgz"
"$HERE/manifests.sh" "$OUT/manifests"
for arch in ${ARCHES-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')}; do
  ARCH=$arch ARCHIVE=$OUT/mail-operator-$VERSION-$arch.oci.tar "$HERE/image.sh" >&2
done
python3 "$HERE/about.py" "$OUT" "$VERSION" "$REVISION" "$EPOCH"
(cd "$OUT" && sha256sum --quiet -c SHA256SUMS)
say "done: $OUT"; ls -l "$OUT" >&2

#!/bin/bash
# image.sh  builds the image of operator/Dockerfile. It prints the image's name on standard output, all else on standard
#           error. Two builds of one commit with the same base give the same image.
# Settings:
#   ENGINE=docker|podman|buildah   default: the first that is installed
#   IMAGE=NAME                     default: mail-operator:VERSION
#   ARCH=amd64|arm64               default: this machine's. Another one needs an engine that emulates it.
#   BUILD_IMAGE, BASE_IMAGE        default: those of the Dockerfile
#   BASE=debian                    makes both of this machine's Debian packages and SDK instead (debian-base.sh, needs
#                                  buildah); for machines that reach no image
#   ARCHIVE=FILE.tar               also writes the image as an OCI archive
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) ROOT=$(cd "$HERE/.." && pwd)
say() { echo "image [${SECONDS}s] $*" >&2; }
die() { say "$*"; exit 1; }
cd "$ROOT"
ENGINE=${ENGINE:-$(for e in docker podman buildah; do if command -v $e >/dev/null; then echo $e; break; fi; done)}
[ -n "$ENGINE" ] || die "none of docker, podman and buildah is installed."
if [ "${BASE:-}" = debian ]; then ENGINE=buildah; fi
VERSION=$(sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' Directory.Build.props)
IMAGE=${IMAGE:-mail-operator:$VERSION}
case ${ARCH:=$(uname -m)} in x86_64) ARCH=amd64 ;; aarch64) ARCH=arm64 ;; amd64 | arm64) ;; *) die "ARCH: $ARCH" ;; esac
REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)
EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
ARGS=(-f operator/Dockerfile -t "$IMAGE" --platform "linux/$ARCH" --build-arg "TARGETARCH=$ARCH"
  --build-arg "VERSION=$VERSION" --build-arg "REVISION=$REVISION" --build-arg "SOURCE_DATE_EPOCH=$EPOCH"
  --build-arg "CREATED=$(date -u -d "@$EPOCH" +%Y-%m-%dT%H:%M:%SZ)")
if [ "${BASE:-}" = debian ]; then
  read -r BUILD_IMAGE BASE_IMAGE < <("$HERE/debian-base.sh") || die "the base could not be made."
  SDK=$(dirname "$(readlink -f "$(command -v dotnet)")") PACKAGES=${NUGET_PACKAGES:-$HOME/.nuget/packages}
  mkdir -p "$PACKAGES"
  # The container reaches no package source: this machine fetches what the two restores in it take.
  FETCH=$(mktemp -d); trap 'rm -rf "$FETCH"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
  for publishing in false true; do
    CI=true dotnet restore operator/MailOperator.csproj -v q -p:_IsPublishing=$publishing \
      "-p:RuntimeIdentifier=$([ $publishing = true ] && echo "linux-${ARCH/amd64/x64}")" \
      "-p:BaseIntermediateOutputPath=$FETCH/" >&2
  done
  ARGS+=(--volume "$SDK:/usr/share/dotnet:ro" --volume "$PACKAGES:/root/.nuget/packages")
fi
if [ -n "${BUILD_IMAGE:-}" ]; then ARGS+=(--build-arg "BUILD_IMAGE=$BUILD_IMAGE"); fi
if [ -n "${BASE_IMAGE:-}" ]; then ARGS+=(--build-arg "BASE_IMAGE=$BASE_IMAGE"); fi
say "$ENGINE builds $IMAGE for $ARCH"
case $ENGINE in
  docker) SOURCE_DATE_EPOCH=$EPOCH docker buildx build --load "${ARGS[@]}" . >&2 ;;
  podman) podman build --timestamp "$EPOCH" "${ARGS[@]}" . >&2 ;;
  buildah)
    # neither an overlay nor a network of its own is needed, so this also works inside a container
    export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
    buildah build --timestamp "$EPOCH" --format oci --layers=false --pull-never "${ARGS[@]}" . >&2 ;;
  *) die "ENGINE: $ENGINE" ;;
esac
if [ -n "${ARCHIVE:-}" ]; then
  rm -f "$ARCHIVE"
  case $ENGINE in
    docker) docker save -o "$ARCHIVE" "$IMAGE" >&2 ;;
    podman) podman save --format oci-archive -o "$ARCHIVE" "$IMAGE" >&2 ;;
    buildah)
      buildah push -q --compression-format gzip --compression-level 9 "$IMAGE" "oci-archive:$ARCHIVE:$IMAGE" >&2 ;;
  esac
  say "$ARCHIVE: $(($(stat -c %s "$ARCHIVE") / 1000000)) MB"
fi
say "done"
echo "$IMAGE"

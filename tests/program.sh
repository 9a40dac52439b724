#!/bin/bash
# program.sh FOLDER  builds the image of Debian's packages (release/image.sh) and copies the program that it holds into
#                    FOLDER, where the tests and the benchmark find it by OPERATOR. Needs buildah, which
#                    tests/servers/install.sh installs.
# IMAGE=NAME, ARCHIVE=FILE.tar as for image.sh
set -euo pipefail
FOLDER=${1:?a folder for the program} ROOT=$(cd "$(dirname "$0")/.." && pwd)
export STORAGE_DRIVER=vfs IMAGE=${IMAGE:-localhost/mail-operator:test}
BASE=debian "$ROOT/release/image.sh" >&2
CONTAINER=$(buildah from --pull-never "$IMAGE"); trap 'buildah rm "$CONTAINER" >/dev/null' EXIT
rm -rf "$FOLDER"; cp -r "$(buildah mount "$CONTAINER")/app" "$FOLDER"

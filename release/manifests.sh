#!/bin/bash
# manifests.sh FOLDER  writes what the chart makes of its default values, for an installation without Helm:
#   install.yaml       all of it, for `kubectl apply --server-side -f` (the CRDs are too big for the other way)
#   kustomize/         the same as a base: kustomization.yaml, namespace.yaml, crds.yaml, operator.yaml
# Settings: IMAGE=REPOSITORY:TAG, default the chart's
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) ROOT=$(cd "$HERE/.." && pwd)
[ $# = 1 ] || { echo "usage: manifests.sh FOLDER" >&2; exit 2; }
NAMESPACE=mail-operator OUT=$1/kustomize
HELM=$("$ROOT/tests/servers/helm.sh") || exit 1
SETTINGS=()
if [ -n "${IMAGE:-}" ]; then SETTINGS=(--set "image.repository=${IMAGE%:*}" --set "image.tag=${IMAGE##*:}"); fi
render() {                                          # ARGUMENT…: without what is only for Helm
  "$HELM" template mail-operator "$ROOT/charts/mail-operator" --namespace $NAMESPACE "${SETTINGS[@]}" "$@" |
    sed -E '/^# Source: /d; /^ +helm\.sh\/chart: /d; /^ +app\.kubernetes\.io\/managed-by: Helm$/d'
}
mkdir -p "$OUT"
cat >"$OUT/namespace.yaml" <<X
apiVersion: v1
kind: Namespace
metadata:
  name: $NAMESPACE
  labels: {pod-security.kubernetes.io/enforce: restricted}
X
render --show-only templates/crds.yaml >"$OUT/crds.yaml"
render --set crds.install=false >"$OUT/operator.yaml"
cat >"$OUT/kustomization.yaml" <<X
# A base: kubectl apply --server-side -k, or resources: [this folder] in a kustomization of yours.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [namespace.yaml, crds.yaml, operator.yaml]
X
for f in namespace crds operator; do
  if ! head -n 1 "$OUT/$f.yaml" | grep -qx -e ---; then echo ---; fi
  cat "$OUT/$f.yaml"
done >"$1/install.yaml"
echo "$1/install.yaml, $OUT" >&2

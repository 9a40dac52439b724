#!/bin/bash
# operator-identity.sh NAMESPACE FILE [portal]  writes a kubeconfig for the operator (or the portal): the ServiceAccount
# mail-operator (mail-operator-portal) in the existing NAMESPACE, with exactly the rights that the chart ships. Run it
# under up.sh.
set -euo pipefail
[ $# = 2 ] || [ "$#:${3:-}" = 3:portal ] || { echo "usage: operator-identity.sh NAMESPACE FILE [portal]" >&2; exit 2; }
NAMESPACE=$1 FILE=$2 NAME=mail-operator${3:+-portal}
# the chart includes the same files: the tests use what is shipped
ROLES=$(cd "$(dirname "$0")/../../charts/mail-operator/files" && pwd)
apply() { kubectl -n "$NAMESPACE" apply -f "$1" >&2; }
bind() { kubectl -n "$NAMESPACE" create "$@" --serviceaccount="$NAMESPACE:$NAME" --dry-run=client -o yaml | apply -; }

kubectl -n "$NAMESPACE" create serviceaccount "$NAME" --dry-run=client -o yaml | apply -
apply "$ROLES/${3:+portal-}clusterrole.yaml"; bind clusterrolebinding "$NAME" --clusterrole="$NAME"
if [ -z "${3:-}" ]; then apply "$ROLES/role.yaml"; bind rolebinding "$NAME" --role="$NAME"; fi

umask 077
kubectl config view --raw --minify --flatten >"$FILE"
kubectl --kubeconfig="$FILE" config unset users >/dev/null
kubectl --kubeconfig="$FILE" config set-credentials "$NAME" \
  --token="$(kubectl -n "$NAMESPACE" create token "$NAME" --duration=24h)" >/dev/null
kubectl --kubeconfig="$FILE" config set-context --current --user="$NAME" >/dev/null

#!/bin/bash
# install-crds.sh [FILE|FOLDER…]  creates or updates CustomResourceDefinitions (default: the repository's crds/) and
# returns when their kinds are served through KUBECONFIG. One definition per file. It can run again at any time.
# Under up.sh KUBECONFIG_CRD is another server than KUBECONFIG. The definitions are created on that server, and
# KUBECONFIG gets an APIService for each of their groups' versions. The APIService comes after the definition: without a
# server behind it, it would break discovery, block the deletion of every namespace, and be retried only with a backoff
# of up to 30 s.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
CRD_CONFIG=${KUBECONFIG_CRD:-${KUBECONFIG:-}}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/install-crds.XXXXXX"); trap 'rm -rf "$TMP"' EXIT
say() { echo "install-crds: $*" >&2; }
die() { say "$*"; exit 1; }
retry() {                                          # WHAT COMMAND…: until it succeeds
  local what=$1 i; shift
  for i in {1..300}; do if "$@" >"$TMP/last" 2>&1; then return; fi; sleep 0.1; done
  die "not after 30 s: $what ($(tail -n 1 "$TMP/last"))"
}

[ $# -gt 0 ] || set -- "$HERE/../../crds"
FILES=() DEFINITIONS=()
for p in "$@"; do if [ -d "$p" ]; then FILES+=("$p"/*.yaml); else FILES+=("$p"); fi; done
# read through KUBECONFIG in both cases, because kubectl needs discovery; this changes nothing there
what='{.kind}{" "}{.metadata.name}{" "}{.spec.group}{" "}{.spec.names.plural}'
what+='{range .spec.versions[?(@.served==true)]}{" "}{.name}{end}{"\n"}'
for f in "${FILES[@]}"; do
  [ -f "$f" ] || die "there is no $f"
  line=$(kubectl create --dry-run=client --validate=false -f "$f" -o jsonpath="$what") ||
    die "$f is not one Kubernetes object"
  [[ $line == "CustomResourceDefinition "* ]] || die "$f holds something else than one CustomResourceDefinition"
  DEFINITIONS+=("$line")
done

if [ "$CRD_CONFIG" = "${KUBECONFIG:-}" ]; then
  # no server-side apply: with it, servers older than CEL refuse unknown fields
  for f in "${FILES[@]}"; do kubectl apply --validate=false -f "$f" >&2; done
  for d in "${DEFINITIONS[@]}"; do
    read -r _ name _ <<<"$d"; kubectl wait --for=condition=Established --timeout=30s "crd/$name" >&2
  done
else
  # server-side apply with curl: the CRD server has no discovery for kubectl, and accepts YAML
  view() { kubectl --kubeconfig="$CRD_CONFIG" config view --raw -o jsonpath="$1"; }
  SERVER=$(view '{.clusters[0].cluster.server}'); CA=$(view '{.clusters[0].cluster.certificate-authority}')
  printf 'header = "Authorization: Bearer %s"\n' "$(view '{.users[0].user.token}')" >"$TMP/token"
  call() {
    curl --silent --show-error --cacert "$CA" --config "$TMP/token" --output "$TMP/answer" \
      --write-out '%{http_code}' "$@"
  }
  API=$SERVER/apis/apiextensions.k8s.io/v1/customresourcedefinitions
  for i in "${!FILES[@]}"; do
    read -r _ name _ <<<"${DEFINITIONS[i]}"
    code=$(call -X PATCH -H 'Content-Type: application/apply-patch+yaml' --data-binary "@${FILES[i]}" \
      "$API/$name?fieldManager=install-crds&force=true") || die "$SERVER does not answer"
    [[ $code == 20* ]] ||
      die "${FILES[i]} is refused: $(sed -nE 's/^ *"message": "(.*)",?$/\1/p' "$TMP/answer" | head -n 1)"
  done
  established() {
    [ "$(call "$API/$1")" = 200 ] &&
      tr -d ' \n' <"$TMP/answer" | grep -qE '\{[^{}]*"type":"Established","status":"True"'
  }
  for d in "${DEFINITIONS[@]}"; do
    read -r _ name group plural versions <<<"$d"
    retry "$name is Established" established "$name"
    for v in $versions; do
      retry "$group/$v serves $plural" kubectl --kubeconfig="$CRD_CONFIG" get --raw "/apis/$group/$v/$plural?limit=1"
      cat >"$TMP/apiservice.json" <<X
{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"v1","kind":"Service","metadata":{"name":"custom-resources","namespace":"kube-system"},
"spec":{"type":"ExternalName","externalName":"localhost"}},
{"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"$v.$group"},
"spec":{"group":"$group","version":"$v","groupPriorityMinimum":1000,"versionPriority":15,"insecureSkipTLSVerify":true,
"service":{"namespace":"kube-system","name":"custom-resources","port":${SERVER##*:}}}}]}
X
      kubectl get "apiservice/$v.$group" >/dev/null 2>&1 ||
        kubectl apply --validate=false -f "$TMP/apiservice.json" >/dev/null
    done
  done
fi
for d in "${DEFINITIONS[@]}"; do
  read -r _ _ group plural versions <<<"$d"
  for v in $versions; do
    retry "$plural.$v.$group is served" kubectl get --raw "/apis/$group/$v/$plural?limit=1"
    retry "$plural.$group is discovered" kubectl get "$plural.$v.$group" --chunk-size=1
  done
done

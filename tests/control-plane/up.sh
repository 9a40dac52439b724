#!/bin/bash
# up.sh COMMAND…  starts etcd and the servers on loopback, on free ports, in a temporary folder, and runs COMMAND with
#   KUBECONFIG      the whole API (admin): the core API of kube-apiserver and, through its aggregation layer, the custom
#                   resources of the modern CRD server (CEL, selectable fields)
#   KUBECONFIG_CRD  the server for CustomResourceDefinitions (admin): the modern CRD server, or the same as KUBECONFIG
#                   if there is none
#   CONTROL_PLANE   the folder with logs and keys
# in its environment. It stops everything in any case, even when it is killed, and exits like COMMAND.
# Settings:
#   CRDS=PATH…      the CRDs to install before COMMAND starts (install-crds.sh); default: the repository's crds/;
#                   empty: none
#   AUDIT=1         kube-apiserver writes every request, including those for custom resources, to
#                   $CONTROL_PLANE/audit.log (one JSON object per line, level Metadata, written before the response, so
#                   that tests can count)
#   CONTROL_PLANE_KEEP_LOGS=1  keeps the folder
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: up.sh COMMAND…" >&2; exit 2; }
HERE=$(cd "$(dirname "$0")" && pwd)
BIN=$("$HERE/build.sh"); export PATH=$BIN:$PATH
for d in "${TMPDIR:-/tmp}"/control-plane.*; do     # left by a run that was killed
  if [ -f "$d/pid" ] && [ -O "$d" ] && ! kill -0 "$(<"$d/pid")" 2>/dev/null; then rm -rf "$d"; fi
done
D=$(mktemp -d "${TMPDIR:-/tmp}/control-plane.XXXXXX"); echo $$ >"$D/pid"; T0=$(date +%s%N); PIDS=(); NAMES=()
say() { echo "control-plane [$(( ($(date +%s%N)-T0)/1000000 )) ms] $*" >&2; }
die() { say "$*"; exit 1; }
halt() {                                           # in reverse order: the command first, etcd last
  local p i
  for ((i=${#PIDS[@]}-1; i>=0; i--)); do p=${PIDS[i]}
    kill "$p" 2>/dev/null || continue
    # the command may have to stop its own programs; the servers' data is discarded, so they need no time
    if [ "${NAMES[i]}" = command ]; then for _ in {1..200}; do kill -0 "$p" 2>/dev/null || break; sleep 0.1; done; fi
    kill -9 "$p" 2>/dev/null || :; wait "$p" 2>/dev/null || :
  done
  if [ -n "${CONTROL_PLANE_KEEP_LOGS:-}" ]; then say "logs are in $D"; else rm -rf "$D"; fi
}
stop() { local rc=$?; trap '' INT TERM HUP; halt; exit $rc; }
trap stop EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
# a server dies with this script, even when the script is killed
server() {
  local name=$1; shift
  setpriv --pdeathsig KILL "$@" >"$D/$name.log" 2>&1 </dev/null & PIDS+=($!); NAMES+=("$name")
}
port() {
  local p
  while :; do
    p=$((20000 + (RANDOM<<4 ^ RANDOM) % 12000))
    (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p; return; }
  done
}
alive() {                                          # every server still runs; starts again if a port was taken meanwhile
  local i; for i in "${!PIDS[@]}"; do kill -0 "${PIDS[i]}" 2>/dev/null && continue
    if grep -q 'address already in use' "$D/${NAMES[i]}.log" && [ "${TRIES:=1}" -lt 5 ]; then
      say "${NAMES[i]}: its port was taken in between, starting again"
      trap - EXIT; halt; TRIES=$((TRIES+1)) exec "$BASH" "$0" "${ARGS[@]}"
    fi
    die "${NAMES[i]} stopped at once:" \
      "$(grep -vE '^[IW][0-9]{4}|^Flag|^$' "$D/${NAMES[i]}.log" | tail -n 1 | cut -c1-300)"
  done
}
ready() {                                          # NAME TEST…
  local name=$1 i; shift
  for i in {1..300}; do alive; if "$@" >/dev/null 2>&1; then alive; say "$name is ready"; return; fi; sleep 0.1; done
  die "$name is not ready after 30 s: $(tail -n 1 "$D/$name.log" | cut -c1-300)"
}
config() { cat >"$1" <<X
{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],
"clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:$2","certificate-authority":"$3"}}],
"users":[{"name":"u","user":{"token":"$TOKEN"}}]}
X
}
ARGS=("$@"); TOKEN=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
MASK=$(umask); umask 077; mkdir -p "$D"/{etcd,core,crd}
echo "$TOKEN,admin,admin,system:masters" >"$D/tokens.csv"
E=${FIRST_PORT:-$(port)} A=$(port) C=$(port); unset FIRST_PORT
export KUBECONFIG=$D/kubeconfig KUBECONFIG_CRD=$D/kubeconfig CONTROL_PLANE=$D
config "$KUBECONFIG" "$A" "$D/core/apiserver.crt"
CORE=() MODERN=()
if [ -n "${AUDIT:-}" ]; then
  cat >"$D/audit-policy.json" <<'X'
{"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived"],"rules":[{"level":"Metadata"}]}
X
  CORE+=(--audit-policy-file="$D/audit-policy.json" --audit-log-path="$D/audit.log" --audit-log-maxsize=10000)
fi
if [ -x "$BIN/apiextensions-apiserver" ]; then
  # kube-apiserver forwards requests for custom resources with the caller's name in headers. The CRD server trusts these
  # headers from a client with this certificate. One certificate is enough: it is its own authority.
  command -v openssl >/dev/null ||
    die "openssl is missing (tests/servers/install.sh installs it, or apt-get install openssl)."
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=aggregator \
    -addext extendedKeyUsage=clientAuth -days 2 \
    -keyout "$D/proxy.key" -out "$D/proxy.crt" 2>"$D/openssl.log" || die "openssl: $(tail -n 1 "$D/openssl.log")"
  MODERN=(--requestheader-client-ca-file="$D/proxy.crt" --requestheader-allowed-names=aggregator
    --requestheader-username-headers=X-Remote-User
    --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra-)
  CORE+=("${MODERN[@]}" --proxy-client-cert-file="$D/proxy.crt" --proxy-client-key-file="$D/proxy.key")
  # kube-apiserver has already decided by RBAC when the CRD server asks it again: cache only an allowed result
  MODERN+=(--authorization-webhook-cache-authorized-ttl=1h --authorization-webhook-cache-unauthorized-ttl=1ms)
fi

server etcd etcd --data-dir="$D/etcd" --unsafe-no-fsync \
  --listen-client-urls=http://127.0.0.1:$E --advertise-client-urls=http://127.0.0.1:$E \
  --listen-peer-urls=http://127.0.0.1:0 --initial-advertise-peer-urls=http://127.0.0.1:0 \
  --initial-cluster=default=http://127.0.0.1:0
# kube-apiserver creates core/apiserver.{crt,key} before it reads the signing key: only the certificate above needs
# openssl
server kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:$E --secure-port=$A --bind-address=127.0.0.1 \
  --cert-dir="$D/core" --service-cluster-ip-range=10.0.0.0/24 \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$D/core/apiserver.key" \
  --service-account-signing-key-file="$D/core/apiserver.key" --token-auth-file="$D/tokens.csv" \
  --authorization-mode=RBAC "${CORE[@]}"
if [ -x "$BIN/apiextensions-apiserver" ]; then
  KUBECONFIG_CRD=$D/kubeconfig-crd; config "$KUBECONFIG_CRD" "$C" "$D/crd/apiserver.crt"
  NO_ADMISSION=ValidatingAdmissionPolicy,MutatingAdmissionPolicy,MutatingAdmissionWebhook,ValidatingAdmissionWebhook
  # starts in parallel to kube-apiserver, once that has created its certificate
  for _ in {1..300}; do alive; [ ! -s "$D/core/apiserver.crt" ] || break; sleep 0.1; done
  server apiextensions-apiserver apiextensions-apiserver --etcd-servers=http://127.0.0.1:$E --etcd-prefix=/crd \
    --secure-port=$C --bind-address=127.0.0.1 --cert-dir="$D/crd" --authentication-kubeconfig="$KUBECONFIG" \
    --authorization-kubeconfig="$KUBECONFIG" --kubeconfig="$KUBECONFIG" --authentication-skip-lookup \
    --disable-admission-plugins="$NO_ADMISSION" \
    --enable-priority-and-fairness=false "${MODERN[@]}"
fi
ready kube-apiserver kubectl get --raw /readyz
if [ "$KUBECONFIG_CRD" != "$KUBECONFIG" ]; then
  ready apiextensions-apiserver kubectl --kubeconfig="$KUBECONFIG_CRD" get --raw /readyz
fi
if [ -z "${CRDS+set}" ]; then
  CRDS=; for f in "$HERE"/../../crds/*.yaml; do if [ -f "$f" ]; then CRDS=$(dirname "$f"); fi; done
fi
if [ -n "$CRDS" ]; then
  # shellcheck disable=SC2086  # a list of paths
  "$HERE/install-crds.sh" $CRDS || die "the CRDs could not be installed."
  say "custom resources are served"
fi
# for namespace deletion, the default ServiceAccount and ownerReferences. It starts after the CRDs, because the garbage
# collector looks for new kinds only at its start and every 30 s.
if [ -x "$BIN/kube-controller-manager" ]; then
  server kube-controller-manager kube-controller-manager --kubeconfig="$KUBECONFIG" \
    --controllers=garbagecollector,namespace,serviceaccount \
    --leader-elect=false --port=0 --secure-port=0
fi
# in the background: a signal to this script takes effect at once
(umask "$MASK"; exec setpriv --pdeathsig TERM "$@") <&0 & PIDS+=($!); NAMES+=(command)
wait $! && rc=0 || rc=$?
exit $rc

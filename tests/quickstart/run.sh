#!/bin/bash
# run.sh (make run)  from nothing to a mail login with a password that the operator issued: a Kubernetes API server, a
# Dovecot, the operator with its portal, examples/quickstart/ and an invitation, all on this machine. It runs until
# Ctrl-C and then leaves nothing behind.
#   ONCE=1         also rotates and deletes, checks both, and exits: 0, or not 0 with the failure
#   BACKEND=postgres, BACKEND=mysql, BACKEND=ldap   keeps hashes in its own PostgreSQL, MariaDB or OpenLDAP instead of a
#                  passwd-file; root only
#   KUBE=current   uses the cluster of the current kubeconfig instead of its own control plane, and removes what it
#                  created there
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) ROOT=$(cd "$(dirname "$0")/../.." && pwd)
OPERATOR_DLL=$ROOT/operator/bin/Release/net10.0/MailOperator.dll
OPERATOR_NAMESPACE=mail-operator NAMESPACE=shop DEVICE=support-inbox MAILBACKEND=dovecot INVITATION=grace-phone
bold() { if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else echo "$*"; fi; }
step() { echo; bold "==> $*"; }
die() { echo >&2; bold "make run: $*" >&2; exit 1; }

# ---------------------------------------------------------------------------------------- before there is an API server
if [ "${1:-}" != --inside ]; then
  [[ "${KUBE:-own}" =~ ^(own|current)$ ]] || die "KUBE is $KUBE; it may be current, or left out."
  [[ "${BACKEND:-file}" =~ ^(file|postgres|mysql|ldap)$ ]] ||
    die "BACKEND is $BACKEND; it may be postgres, mysql or ldap, or left out."
  [ "${BACKEND:-file}" = file ] || [ "$(id -u)" = 0 ] ||
    die "BACKEND=$BACKEND needs root: database servers run as users of their own."
  step "Mail servers and tools"
  "$ROOT/tests/servers/install.sh"
  echo "there"
  step "The operator"
  command -v dotnet >/dev/null || die "the .NET SDK is missing: https://dot.net"
  # no build server, because nothing may stay behind
  export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
  changed() {
    find "$ROOT/operator" "$ROOT"/Directory.*.props -name bin -prune -o -name obj -prune -o \
      -type f -newer "$OPERATOR_DLL" -print -quit
  }
  if [ -f "$OPERATOR_DLL" ] && [ -z "$(changed)" ]; then
    echo "built before, and nothing has changed since"
  else
    # the build leaves files in the folder for temporary files: it gets its own
    BUILD_TMP=$(mktemp -d "${TMPDIR:-/tmp}/mail-operator-build.XXXXXX")
    trap 'rm -rf "$BUILD_TMP"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
    TMPDIR=$BUILD_TMP dotnet build -c Release "$ROOT/operator" </dev/null
    rm -rf "$BUILD_TMP"; trap - EXIT INT TERM HUP
    touch "$OPERATOR_DLL"                          # the compiler does not change the time if the result is the same
  fi
  if [ "${KUBE:-own}" = current ]; then exec "$BASH" "$0" --inside; fi
  step "The control plane (the first time on a machine it is built, which takes about five minutes)"
  CRDS=$ROOT/crds exec "$ROOT/tests/control-plane/up.sh" "$BASH" "$0" --inside
fi

# --------------------------------------------------------------------------------- inside: KUBECONFIG leads to a server
START=$(date +%s%N)
for d in "${TMPDIR:-/tmp}"/mail-operator-run.*; do # left by a run that was killed
  if [ -f "$d/pid" ] && [ -O "$d" ] && ! kill -0 "$(<"$d/pid")" 2>/dev/null; then rm -rf "$d"; fi
done
DIR=$(mktemp -d "${TMPDIR:-/tmp}/mail-operator-run.XXXXXX"); echo $$ >"$DIR/pid"
OPERATOR_PID= PORTAL_PID= EXAMPLES_APPLIED= MADE=()
cleanup() {
  local rc=$?; trap '' INT TERM HUP
  [ "${KUBE:-own}" = own ] || clean_cluster
  local p; for p in $PORTAL_PID $OPERATOR_PID; do
    kill "$p" 2>/dev/null || :
    for _ in {1..100}; do kill -0 "$p" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$p" 2>/dev/null || :; wait "$p" 2>/dev/null || :
  done
  "$ROOT/tests/servers/dovecot.sh" stop "$DIR/dovecot" || :
  case $ENGINE in
    '') ;;
    ldap) "$ROOT/tests/servers/ldap.sh" stop "$DIR/database" || : ;;
    *) "$ROOT/tests/servers/database.sh" stop "$ENGINE" "$DIR/database" || : ;;
  esac
  if [ $rc != 0 ] && [ $rc != 130 ] && [ $rc != 143 ]; then
    local log; for log in operator portal; do
      if [ -s "$DIR/$log.log" ]; then echo "The end of the $log's log:" >&2; tail -n 15 "$DIR/$log.log" >&2; fi
    done
  fi
  rm -rf "$DIR"
  exit $rc
}
clean_cluster() {                                  # somebody's cluster: removes only what this run created
  if [ -n "$EXAMPLES_APPLIED" ]; then
    echo "removing examples/quickstart from the cluster" >&2
    # devices first, while the operator runs: it revokes their passwords
    kubectl delete -n $NAMESPACE "deviceinvitation/$INVITATION" "maildevice/$INVITATION" "maildevice/$DEVICE" \
      --ignore-not-found --timeout=15s >&2 || :
    kubectl delete -k "$DIR/overlay" --ignore-not-found --timeout=30s >&2 || :
  fi
  local i; for ((i=${#MADE[@]}-1; i>=0; i--)); do
    kubectl delete "${MADE[i]}" --ignore-not-found --timeout=30s >&2 || :
  done
}
case ${BACKEND:-file} in
  file) ENGINE= ;;
  postgres) ENGINE=postgresql KIND=PostgreSQL ;;
  mysql) ENGINE=mariadb KIND=MySQL ;;
  ldap) ENGINE=ldap ;;
esac
trap cleanup EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP

port() {
  local p
  while :; do
    p=$((20000 + (RANDOM<<4 ^ RANDOM) % 12000))
    (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p; return; }
  done
}
milliseconds() { echo $((($(date +%s%N) - $1) / 1000000)); }
within() {                                         # SECONDS WHAT COMMAND…: until it succeeds; short commands, so that a
                                                   # signal takes effect soon
  local seconds=$1 what=$2 from; from=$(date +%s%N); shift 2
  until "$@" >"$DIR/last" 2>&1; do
    if [ -n "$OPERATOR_PID" ] && ! kill -0 "$OPERATOR_PID" 2>/dev/null; then
      die "the operator stopped while waiting for: $what"
    fi
    [ "$(milliseconds "$from")" -lt $((seconds * 1000)) ] || die "not after $seconds s: $what. $(tail -n 3 "$DIR/last")"
    sleep 0.1
  done
}
secret() { kubectl -n $NAMESPACE get secret $DEVICE -o go-template="{{index .data \"$1\" | base64decode}}"; }
# curl: a third-party client. Exit code 67 means that the server refused the login. The password goes through a pipe,
# never onto a command line.
login() {                                          # PASSWORD
  local scheme=imap; [ "$(secret imap-security 2>/dev/null || echo TLS)" != TLS ] || scheme=imaps
  login_at "$scheme://$HOST:$PORT/" "$1"
}
login_at() {
  printf 'user = "%s:%s"\n' "$USERNAME" "$(sed 's/[\\"]/\\&/g' <<<"$2")" |
    curl --silent --show-error --max-time 10 --cacert "$DIR/dovecot/tls.crt" --config - "$1"
}
refused_at() { local rc=0; login_at "$@" >/dev/null 2>&1 || rc=$?; [ $rc = 67 ]; }

step "Namespace $OPERATOR_NAMESPACE, and who the operator is"
command -v kubectl >/dev/null || die "kubectl is missing."
if [ "${KUBE:-own}" = current ]; then
  kubectl version --request-timeout=10s >/dev/null 2>"$DIR/last" ||
    die "the current kubeconfig leads to no cluster: $(tail -n 1 "$DIR/last")"
  for o in "namespace/$OPERATOR_NAMESPACE" namespace/$NAMESPACE mailbackend.mailoperator.io/$MAILBACKEND; do
    if kubectl get "$o" >/dev/null 2>&1; then
      die "$o is in this cluster already; this would change it, so it does not start."
    fi
  done
  for f in "$ROOT"/crds/*.yaml; do
    crd=crd/$(sed -nE '/^metadata:/,/^spec:/s/^  name: *//p' "$f")
    kubectl get "$crd" >/dev/null 2>&1 || MADE+=("$crd")
  done
  "$ROOT/tests/control-plane/install-crds.sh" "$ROOT/crds"
  MADE+=("namespace/$OPERATOR_NAMESPACE"); kubectl create namespace $OPERATOR_NAMESPACE
  kubectl config view --raw --minify --flatten | tee "$DIR/kubeconfig-portal" >"$DIR/kubeconfig-operator"
  echo "the operator is who you are: $(kubectl config current-context)"
else
  kubectl create namespace $OPERATOR_NAMESPACE
  "$HERE/operator-identity.sh" "$OPERATOR_NAMESPACE" "$DIR/kubeconfig-operator"
  "$HERE/operator-identity.sh" "$OPERATOR_NAMESPACE" "$DIR/kubeconfig-portal" portal
fi

if [ "$ENGINE" = ldap ]; then
  step "The directory: OpenLDAP, with the schema of operator/Backends/Ldap/Schema"
  LDAP_OWNER=$$ "$ROOT/tests/servers/ldap.sh" start "$DIR/database"
  # shellcheck disable=SC1091
  DATABASE_PORT=$(. "$DIR/database/ldap.env"; echo "$PORT")
  # through a pipe: everybody can read a command line
  # shellcheck disable=SC1091
  kubectl -n "$OPERATOR_NAMESPACE" create secret generic mail-directory \
    --from-file=username=<(printf cn=mail-operator,dc=example,dc=com) \
    --from-file=password=<(. "$DIR/database/ldap.env"; printf %s "$OPERATOR_PASSWORD")
  echo "with StartTLS on localhost:$DATABASE_PORT"
elif [ -n "$ENGINE" ]; then
  step "The database: $ENGINE, with the schema of operator/Backends/Sql/Schema"
  DATABASE_OWNER=$$ "$ROOT/tests/servers/database.sh" start "$ENGINE" "$DIR/database"
  # shellcheck disable=SC1091
  DATABASE_PORT=$(. "$DIR/database/database.env"; echo "$PORT")
  # through a pipe: everybody can read a command line
  # shellcheck disable=SC1091
  kubectl -n "$OPERATOR_NAMESPACE" create secret generic mail-database \
    --from-file=username=<(printf mail_operator) \
    --from-file=password=<(. "$DIR/database/database.env"; printf %s "$OPERATOR_PASSWORD")
  echo "with TLS on localhost:$DATABASE_PORT"
fi

step "Dovecot"
DOVECOT_OWNER=$$ DATABASE=${ENGINE:+$ENGINE:$DIR/database} "$ROOT/tests/servers/dovecot.sh" start "$DIR/dovecot"
# shellcheck disable=SC1091
. "$DIR/dovecot/ports.env"
echo "IMAP with TLS on 127.0.0.1:$IMAPS_PORT; it looks passwords up in ${ENGINE:-$DIR/dovecot/app-passwords}"

step "The operator"
LISTEN=http://127.0.0.1:$(port) PORTAL=http://127.0.0.1:$(port) PORTAL_MANAGEMENT=http://127.0.0.1:$(port)
# in its own session: a Ctrl-C goes only to this script, which needs the operator to clean up
mkdir "$DIR/tmp"
TMPDIR=$DIR/tmp KUBECONFIG=$DIR/kubeconfig-operator MAIL_OPERATOR_Namespace=$OPERATOR_NAMESPACE \
  MAIL_OPERATOR_ListenUrl=$LISTEN MAIL_OPERATOR_InvitationUrl=$PORTAL \
  setsid setpriv --pdeathsig TERM dotnet "$OPERATOR_DLL" operator >"$DIR/operator.log" 2>&1 </dev/null &
OPERATOR_PID=$!
TMPDIR=$DIR/tmp KUBECONFIG=$DIR/kubeconfig-portal MAIL_OPERATOR_PORTAL_PublicUrl=$PORTAL \
  MAIL_OPERATOR_PORTAL_ListenUrl=$PORTAL MAIL_OPERATOR_PORTAL_ManagementUrl=$PORTAL_MANAGEMENT \
  setsid setpriv --pdeathsig TERM dotnet "$OPERATOR_DLL" portal >"$DIR/portal.log" 2>&1 </dev/null &
PORTAL_PID=$!
within 30 "the operator is ready ($LISTEN/readyz)" curl --silent --fail --max-time 2 "$LISTEN/readyz"
echo "ready: $LISTEN/readyz, $LISTEN/metrics"
within 30 "the portal is ready ($PORTAL_MANAGEMENT/readyz)" \
  curl --silent --fail --max-time 2 "$PORTAL_MANAGEMENT/readyz"
echo "and its portal, for people who are invited: $PORTAL"

step "kubectl apply -k examples/quickstart (with this Dovecot's address and ${ENGINE:-file})"
STORE="- {op: replace, path: /spec/passwdFile/path, value: $DIR/dovecot/app-passwords}"
[ -z "${KIND:-}" ] || STORE="- {op: remove, path: /spec/passwdFile}
    - op: add
      path: /spec/sql
      value:
        {engine: $KIND, host: localhost, port: $DATABASE_PORT, database: mail,
         credentialsSecret: {name: mail-database}, caBundle: $(base64 -w 0 "$DIR/database/ca.crt")}"
[ "$ENGINE" != ldap ] || STORE="- {op: remove, path: /spec/passwdFile}
    - op: add
      path: /spec/ldap
      value:
        url: ldap://localhost:$DATABASE_PORT
        baseDN: ou=app-passwords,dc=example,dc=com
        bindSecret: {name: mail-directory}
        passwordPolicy: cn=app-password-policy,dc=example,dc=com
        caBundle: $(base64 -w 0 "$DIR/database/ca.crt")"
mkdir -p "$DIR/overlay"; cp -r "$ROOT/examples/quickstart" "$DIR/overlay/quickstart"
cat >"$DIR/overlay/kustomization.yaml" <<X
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [quickstart]
patches:
- target: {kind: MailBackend, name: $MAILBACKEND}
  patch: |
    $STORE
    - {op: replace, path: /spec/client/imap, value: {host: 127.0.0.1, port: $IMAPS_PORT, security: TLS}}
    - {op: replace, path: /spec/client/smtp, value: {host: 127.0.0.1, port: $SUBMISSION_PORT, security: None}}
X
APPLIED=$(date +%s%N) EXAMPLES_APPLIED=1
kubectl apply -k "$DIR/overlay"
within 30 "MailDevice $DEVICE is Ready" \
  kubectl -n $NAMESPACE wait --for=condition=Ready --timeout=1s "maildevice/$DEVICE"
echo "Ready $(milliseconds "$APPLIED") ms after the apply began"

step "kubectl get maildevices -n $NAMESPACE"
kubectl get maildevices -n $NAMESPACE

step "curl: IMAP login with what the Secret $DEVICE says"
HOST=$(secret host) PORT=$(secret port) USERNAME=$(secret username) PASSWORD=$(secret password)
within 3 "the login as $USERNAME at $HOST:$PORT" login "$PASSWORD"
cat "$DIR/last"
echo "logged in as $USERNAME at $HOST:$PORT, $(milliseconds "$START") ms after the API server was there"
grep -F 'device=<' "$DIR/dovecot/dovecot.log" | grep -F Login: | tail -n 1 | sed 's/^/Dovecot says: /'

step "Invite a person: kubectl apply -f examples/invitation (without the mail, for which no server is configured here)"
kubectl apply -f "$ROOT/examples/invitation/mailuser.yaml"
sed '/^  delivery:/,$d' "$ROOT/examples/invitation/deviceinvitation.yaml" | kubectl apply -f -
within 30 "DeviceInvitation $INVITATION is Ready" \
  kubectl -n $NAMESPACE wait --for=condition=Ready --timeout=1s "deviceinvitation/$INVITATION"
LINK=$(kubectl -n $NAMESPACE get secret $INVITATION-invitation -o go-template='{{.data.url | base64decode}}')
within 5 "the link opens" curl --silent --fail --max-time 2 "$LINK"
MAILBOX=$(kubectl -n $NAMESPACE get deviceinvitation $INVITATION -o jsonpath='{.spec.mailbox}')
echo "open it in a browser, and take the password for $MAILBOX:"
bold "  $LINK"

if [ -n "${ONCE:-}" ]; then
  URL=imaps://$HOST:$PORT/ OLD=$PASSWORD
  step "Rotate: kubectl annotate maildevice $DEVICE mailoperator.io/rotate=TOKEN"
  kubectl -n $NAMESPACE annotate maildevice $DEVICE --overwrite "mailoperator.io/rotate=$(date +%s)"
  rotated() { PASSWORD=$(secret password) && [ "$PASSWORD" != "$OLD" ]; }
  within 30 "the Secret has a new password" rotated
  # a refusal of the new password may mean that Dovecot has not checked the file yet: it does so once a second
  within 3 "the login with the new password" login "$PASSWORD"
  echo "the new password logs in"
  login_at "$URL" "$OLD" >/dev/null || die "the old password is refused, although the overlap has just begun."
  echo "the old one still does, until the overlap ends"

  step "Delete: kubectl delete maildevice $DEVICE"
  kubectl -n $NAMESPACE delete maildevice $DEVICE --wait=false
  gone() { ! kubectl -n $NAMESPACE get maildevice $DEVICE; }
  within 30 "MailDevice $DEVICE is gone" gone
  GONE=$(date +%s%N)
  # in parallel: Dovecot answers a refusal only after half a second
  refused() { local p; refused_at "$URL" "$OLD" & p=$!; refused_at "$URL" "$PASSWORD" && wait $p; }
  within 2 "both passwords are refused" refused
  echo "both passwords are refused, $(milliseconds "$GONE") ms after the object was gone"
  secret_gone() { ! kubectl -n $NAMESPACE get secret $DEVICE; }
  within 60 "the Secret is gone" secret_gone
  echo "the Secret is gone"
  bold "Everything worked."
  exit 0
fi

step "It runs until Ctrl-C. In another terminal:"
cat <<X
  export KUBECONFIG=${KUBECONFIG:-$HOME/.kube/config} PATH=$(dirname "$(command -v kubectl)"):\$PATH

  look      kubectl -n $NAMESPACE get maildevices -o wide
            kubectl -n $NAMESPACE describe maildevice $DEVICE
            kubectl -n $NAMESPACE get secret $DEVICE -o yaml
  rotate    kubectl -n $NAMESPACE annotate maildevice $DEVICE --overwrite mailoperator.io/rotate=\$(date +%s)
            the Secret has a new password at once; the old one works until the overlap (24 h) ends
  revoke    kubectl -n $NAMESPACE delete maildevice $DEVICE
  log in    curl --cacert $DIR/dovecot/tls.crt --user $USERNAME imaps://$HOST:$PORT/
  invite    $LINK
            opens in a browser on this machine; it works once
  logs      $DIR/operator.log, $DIR/portal.log, $DIR/dovecot/dovecot.log
X
wait -n "$OPERATOR_PID" "$PORTAL_PID" || :
die "the operator stopped."

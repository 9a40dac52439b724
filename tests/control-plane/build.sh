#!/bin/bash
# Puts etcd, kube-apiserver, kube-controller-manager, apiextensions-apiserver and kubectl into one folder and prints
# only that folder on standard output; progress goes to standard error. It tries KUBEBUILDER_ASSETS, then the cache,
# then a build from Debian's packages (4 minutes, once). It needs no root and only Debian's minimal system, installs
# nothing, and does not change the machine's apt state.
set -euo pipefail
RECIPE=1                                            # increase it to make every machine build again
CACHE=${CONTROL_PLANE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mail-operator/control-plane}/$RECIPE
BIN=$CACHE/bin WORK=$CACHE/work LOG=$CACHE/build.log step=
WANT="etcd kubectl kube-apiserver kube-controller-manager apiextensions-apiserver"
# the real imports of apiextensions-apiserver 0.36.4 (go list -deps): 82 of the 315 packages that its -dev package needs
LIBS=(
  golang-{cel-cel-go,cel-expr,etcd-server,go.uber-multierr,go.uber-zap}-dev
  golang-{google-genproto,google-grpc,google-protobuf,gopkg-inf.v0}-dev
  golang-{gopkg-natefinch-lumberjack.v2,gopkg-yaml.v2,gopkg-yaml.v3}-dev
  golang-{opentelemetry-contrib,opentelemetry-otel,opentelemetry-proto}-dev
  golang-golang-x-{crypto,exp,net,oauth2,sync,sys,term,text,time}-dev
  golang-k8s-{api,apiextensions-apiserver,apimachinery,apiserver,client-go,component-base}-dev
  golang-k8s-{klog,kms,kube-openapi,streaming,utils}-dev
  golang-k8s-sigs-{apiserver-network-proxy,json,randfill,structured-merge-diff-v6,yaml}-dev
  golang-github-{antlr4-go-antlr,beorn7-perks,blang-semver,cenkalti-backoff-v5,cespare-xxhash-v2}-dev
  golang-github-{coreos-go-semver,coreos-go-systemd}-dev
  golang-github-{davecgh-go-spew,docker-spdystream,emicklei-go-restful,evanphx-json-patch}-dev
  golang-github-{felixge-httpsnoop,fsnotify-fsnotify}-dev
  golang-github-{fxamacker-cbor,go-logr-logr,go-logr-stdr,go-openapi-jsonpointer}-dev
  golang-github-{go-openapi-jsonreference,go-openapi-swag}-dev
  golang-github-{gogo-protobuf,golang-protobuf-1-5,google-gnostic-models,google-uuid,gorilla-websocket}-dev
  golang-github-{grpc-ecosystem-go-grpc-middleware,grpc-ecosystem-grpc-gateway}-dev
  golang-github-{json-iterator-go,kylelemons-godebug,modern-go-concurrent,modern-go-reflect2}-dev
  golang-github-{munnerz-goautoneg,mxk-go-flowrate,nytimes-gziphandler,pkg-errors,pmezard-go-difflib}-dev
  golang-github-{prometheus-client-golang,prometheus-client-model,prometheus-common,prometheus-procfs}-dev
  golang-github-{spf13-cobra,spf13-pflag,x448-float16}-dev
)
say() { echo "control-plane [${SECONDS}s] $*" >&2; }
die() { step=; echo "control-plane: $*" >&2; exit 1; }
begin() { step=$*; say "$step"; }
run() { "$@" >>"$LOG" 2>&1; }
get() { (cd "$1" && shift && "$@") >>"$LOG" 2>&1; }                    # apt-get download writes into the current folder
have() { local b; for b in $WANT; do [ -x "$BIN/$b" ] || return 1; done; say "using $BIN"; echo "$BIN"; }

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  for b in etcd kube-apiserver kubectl; do
    [ -x "$KUBEBUILDER_ASSETS/$b" ] ||
      die "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, but there is no program $b in it."
  done
  say "using KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS"; echo "$KUBEBUILDER_ASSETS"; exit
fi
have && exit
for c in apt-get dpkg-deb tar gzip flock; do
  command -v $c >/dev/null || die "$c is missing: this builds on Debian only." \
    "Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl."
done
mkdir -p "$CACHE"; exec 9>"$CACHE/lock"; flock -n 9 || { say "another build is running, waiting for it"; flock 9; }
have && exit
free=$(df -Pm "$CACHE" | awk 'NR==2{print $4}')
[ "$free" -ge 5000 ] || die "$CACHE has $free MB free; the build needs 5000 MB for 4 minutes and keeps 300 MB."
# shellcheck disable=SC2154
trap 'rc=$?; [ $rc = 0 ] || [ -z "$step" ] ||
  echo "control-plane: failed: $step. The end of $LOG: $(tail -n 3 "$LOG" | tr "\n" " ")" >&2' EXIT
: >"$LOG"; rm -rf "$WORK"; mkdir -p "$WORK"/{apt/lists/partial,apt/cache/archives/partial,deb,root,tmp} "$BIN"

# a private apt state, on the archive of the machine's own suite: unstable, and Debian 12's sources
begin "package lists"
suite=$(. /etc/os-release; echo "${VERSION_CODENAME:-bookworm}")
mirror=$(apt-get --print-uris update 2>>"$LOG" |
  sed -nE "s#^'(.*)/dists/($suite|stable|oldstable|testing)/InRelease'.*#\1#p" | head -n 1)
[ -n "$mirror" ] ||
  die "apt on this machine has no Debian archive for $suite (apt-get --print-uris update names none)."
printf '%s\n' "deb [target=Packages K] $mirror unstable main" "deb-src [target=Sources K] $mirror bookworm main" |
  sed 's#K\]#signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]#' >"$WORK/apt/sources.list"
: >"$WORK/apt/status"; export APT_CONFIG=$WORK/apt/apt.conf
cat >"$APT_CONFIG" <<X
Dir::Etc { sourcelist "$WORK/apt/sources.list"; sourceparts "/dev/null"; };
Dir::Etc { preferences "/dev/null"; preferencesparts "/dev/null"; };
Dir::State "$WORK/apt"; Dir::State::lists "$WORK/apt/lists"; Dir::State::status "$WORK/apt/status";
Dir::Cache "$WORK/apt/cache";
APT::Sandbox::User "root"; Acquire::Retries "3";
X
run apt-get update --error-on=any           # without this an archive that does not answer is only a warning
go=; for v in 1.27 1.26 1.25; do if apt-cache show golang-$v-go >/dev/null 2>&1; then go=$v; break; fi; done
[ -n "$go" ] ||
  die "Debian unstable has none of Go 1.27, 1.26 and 1.25; see whether a newer one builds Kubernetes 1.20.2."

begin "download Go $go, etcd, kubectl, ${#LIBS[@]} Go libraries and the source of Kubernetes 1.20.2 (140 MB)"
get "$WORK/deb" apt-get download golang-$go-{go,src} etcd-server kubectl "${LIBS[@]}"
get "$WORK" apt-get source --download-only --only-source kubernetes
(cd "$WORK/deb" && ls) >"$BIN/VERSIONS"
begin "unpack"
unpack() { local d; for d in "$WORK"/deb/*.deb; do run dpkg-deb -x "$d" "$WORK/root"; rm "$d"; done; }
unpack; cp "$WORK"/root/usr/bin/{etcd,kubectl} "$WORK/"
K=$WORK/kube/src/k8s.io/kubernetes L=$WORK/root/usr/share/gocode; mkdir -p "$K"
tar -C "$K" --strip-components=1 -xzf "$WORK"/kubernetes_*.orig.tar.gz
# 1.20.2 contains reflect2 1.0.1: built with Go 1.18 or later it corrupts memory (the server dies when the first
# labelled object is read with ?pretty=1 or by curl). 1.0.2 works.
rm -r "$K/vendor/github.com/modern-go/reflect2"
cp -r "$L/src/github.com/modern-go/reflect2" "$K/vendor/github.com/modern-go/"
export GOROOT=$WORK/root/usr/lib/go-$go GOCACHE=$WORK/gocache GOTMPDIR=$WORK/tmp XDG_CONFIG_HOME=$WORK/tmp
export GO111MODULE=off GOFLAGS= GOENV=off GOTOOLCHAIN=local CGO_ENABLED=0
export PATH=$GOROOT/bin:$PATH; unset GOOS GOARCH GOEXPERIMENT GOBIN
if ! GOPATH=$L go list -deps k8s.io/apiextensions-apiserver >/dev/null 2>>"$LOG"; then
  begin "the short list of libraries no longer suffices: fetch all that apiextensions-apiserver depends on (220 MB)"
  all=$(apt-get install -s --no-install-recommends golang-k8s-apiextensions-apiserver-dev 2>>"$LOG" |
    sed -nE 's/^Inst (golang-[^ ]*-dev) .*/\1/p')
  get "$WORK/deb" apt-get download $all; unpack
fi

# no debug data, no inlining, no cloud providers: a quarter of the time, half the size
FAST=(-gcflags=all='-dwarf=false -l' -tags providerless)
begin "compile kube-apiserver and kube-controller-manager 1.20.2 (2 minutes)"
cd "$K"; export GOPATH=$WORK/kube
run go build "${FAST[@]}" -o "$WORK/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
in=$(grep -rl --include='*.go' '+k8s:openapi-gen=' staging/src/k8s.io pkg/apis |
  grep -vE '/(code-generator|sample-apiserver)/' | xargs -n 1 dirname | sort -u |
  sed 's#^staging/src/#k8s.io/kubernetes/vendor/#;t;s#^#k8s.io/kubernetes/#' | paste -sd,)
run "$WORK/openapi-gen" -i "$in" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
  -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$WORK/violations"
X=$(printf -- '-X k8s.io/kubernetes/vendor/k8s.io/%s ' \
  {component-base,client-go/pkg}/version.git{Version=v1.20.2,Major=1,Minor=20})
run go build "${FAST[@]}" -ldflags="-s -w $X" -o "$WORK/" ./cmd/kube-apiserver ./cmd/kube-controller-manager
begin "compile apiextensions-apiserver (2 minutes)"
GOPATH=$L run go build "${FAST[@]}" -ldflags='-s -w' -o "$WORK/apiextensions-apiserver" k8s.io/apiextensions-apiserver

begin "try the programs"
run "$WORK/etcd" --version; run "$WORK/kubectl" version --client
run "$WORK/apiextensions-apiserver" --help; run "$WORK/kube-controller-manager" --version
[ "$("$WORK/kube-apiserver" --version)" = "Kubernetes v1.20.2" ]
for b in $WANT; do mv "$WORK/$b" "$BIN/$b"; done
[ -n "${CONTROL_PLANE_KEEP:-}" ] || rm -rf "$WORK"
step=; say "done: $BIN ($(du -sm "$BIN" | cut -f1) MB)"; echo "$BIN"

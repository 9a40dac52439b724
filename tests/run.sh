#!/bin/bash
# run.sh unit            the unit tests
# run.sh integration     the integration tests, on an API server and mail servers of their own
# run.sh all             both (make test)
# FILTER=TEXT            only the tests with TEXT in their full name
# Whatever happens, the last line on standard output is "N passed, N failed", over all that ran; the exit code is 0 only if none failed.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd) RESULTS=$ROOT/artifacts/test-results
PASSED=0 FAILED=0 FINISHED="" CHILD="" SCRATCH=""
cd "$ROOT"; rm -rf "$RESULTS" "$ROOT/artifacts/screenshots"; mkdir -p "$RESULTS"
say() { echo "tests [${SECONDS}s] $*" >&2; }
finish() {
  local rc=$?; trap '' INT TERM HUP
  # a program in the background does not hear Ctrl-C by itself
  if [ -n "$CHILD" ] && kill "$CHILD" 2>/dev/null; then wait "$CHILD" || :; fi
  if [ -n "$SCRATCH" ]; then rm -rf "$SCRATCH"; fi
  # stopped before its end: that is not a success, whatever the counts say
  if [ -z "$FINISHED" ]; then FAILED=$((FAILED + 1)); fi
  echo "$PASSED passed, $FAILED failed" | tee "$RESULTS/summary.txt"
  if [ $rc = 0 ] && [ $FAILED != 0 ]; then rc=1; fi
  exit $rc
}
trap finish EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP

# What the tests and the programs that they kill leave in the folder for temporary files goes with this folder. Mail servers give up
# their rights and must still pass through it; the name is short because their sockets' paths may have 107 characters.
for d in "${TMPDIR:-/tmp}"/mo-tests.*; do        # what a run that was killed outright has left
  if [ -f "$d/pid" ] && [ -O "$d" ] && ! kill -0 "$(<"$d/pid")" 2>/dev/null; then rm -rf "$d"; fi
done
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/mo-tests.XXXXXX"); echo $$ >"$SCRATCH/pid"; chmod 711 "$SCRATCH"

count() { sed -nE "s/.*<Counters[^>]* $2=\"([0-9]+)\".*/\1/p" "$1"; }
project() {                                        # NAME REPORTER COMMAND…: runs the project's tests, within COMMAND
  # the test programs themselves: `dotnet test` of .NET 10 refuses VSTest for them, and tells less of what goes on
  local name=$1 reporter=$2 rc=0 trx=$RESULTS/$1.trx passed failed; shift 2
  say "$name"
  TMPDIR=$SCRATCH "$@" dotnet "tests/$name/bin/Release/net10.0/$name.dll" -noLogo -noColor -reporter "$reporter" -result-trx "$trx" \
    ${FILTER:+-method "*$FILTER*"} </dev/null & CHILD=$!
  wait "$CHILD" || rc=$?; CHILD=
  if [ ! -s "$trx" ] || [ -z "$(count "$trx" total)" ]; then say "$name: no results (exit code $rc)"; FAILED=$((FAILED + 1)); return; fi
  passed=$(count "$trx" passed) failed=$(($(count "$trx" total) - passed - $(count "$trx" notExecuted)))
  # a crash in the middle leaves results that all look well; so does a project in which no test was found
  if [ $rc != 0 ] && [ $failed = 0 ]; then say "$name: stopped with exit code $rc"; failed=1; fi
  if [ "$passed" = 0 ] && [ $failed = 0 ] && [ -z "${FILTER:-}" ]; then say "$name: no test ran"; failed=1; fi
  say "$name: $passed passed, $failed failed"
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed))
}
unit() {
  [ -e /usr/share/zoneinfo/Europe/Zurich ] || tests/servers/install.sh   # windows of rotation are in time zones
  project MailOperator.UnitTests default
}
integration() {
  tests/servers/install.sh
  tests/servers/dovecot-2.4.sh >/dev/null
  AUDIT=1 project MailOperator.IntegrationTests verbose tests/control-plane/up.sh
}

case ${1:-} in
  unit | integration | all) ;;
  *) FINISHED=1; sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
esac
make --no-print-directory build
case $1 in unit) unit ;; integration) integration ;; all) unit; integration ;; esac
FINISHED=1

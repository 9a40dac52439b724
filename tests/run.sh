#!/bin/bash
# run.sh unit            the unit tests
# run.sh integration     the integration tests, each run with its own API server and mail servers
# run.sh all             both (make test)
# FILTER=TEXT            only the tests with TEXT in their full name
# The last line on standard output is always "N passed, N failed" over all runs; exit code 0 means that none failed.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd) RESULTS=$ROOT/artifacts/test-results
PASSED=0 FAILED=0 FINISHED="" SCRATCH=""; declare -A CHILDREN=()
cd "$ROOT"; rm -rf "$RESULTS" "$ROOT/artifacts/screenshots"; mkdir -p "$RESULTS"
say() { echo "tests [${SECONDS}s] $*" >&2; }
finish() {
  local rc=$?; trap '' INT TERM HUP
  # Ctrl-C does not reach programs in the background
  local child; for child in "${CHILDREN[@]}"; do kill "$child" 2>/dev/null || :; done
  for child in "${CHILDREN[@]}"; do wait "$child" || :; done
  if [ -n "$SCRATCH" ]; then rm -rf "$SCRATCH"; fi
  # stopped before its end: not a success, whatever the counts say
  if [ -z "$FINISHED" ]; then FAILED=$((FAILED + 1)); fi
  # at the end, where everybody finds it
  if [ -s "$RESULTS/failures.txt" ]; then cat "$RESULTS/failures.txt" >&2; fi
  echo "$PASSED passed, $FAILED failed" | tee "$RESULTS/summary.txt"
  if [ $rc = 0 ] && [ $FAILED != 0 ]; then rc=1; fi
  exit $rc
}
trap finish EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP

# This folder also takes the temporary files of the tests and of the programs that they kill. Mail servers drop their
# rights and must still traverse it. Its name is short because paths of sockets may have only 107 characters.
for d in "${TMPDIR:-/tmp}"/mo-tests.*; do          # left by a run that was killed
  if [ -f "$d/pid" ] && [ -O "$d" ] && ! kill -0 "$(<"$d/pid")" 2>/dev/null; then rm -rf "$d"; fi
done
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/mo-tests.XXXXXX"); echo $$ >"$SCRATCH/pid"; chmod 711 "$SCRATCH"

failures() {                                       # TRX: each failed test, with the first lines of its message
  awk 'BEGIN { RS = "<" }
    /^UnitTestResult / { name = match($0, / testName="[^"]*"/) ? substr($0, RSTART + 11, RLENGTH - 12) : "?" }
    /^UnitTestResult / && / outcome="Failed"/ { print "FAILED " name; failed = 1 }
    /^ErrorInfo>/ && failed { wanted = 1; failed = 0 }
    /^Message>/ && wanted {
      sub(/^Message>/, ""); n = split($0, lines, "\n")
      for (i = 1; i <= n && i <= 6; i++) print "    " lines[i]
      wanted = 0
    }' "$1" |
    sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&#xA;/ /g; s/&amp;/\&/g'
}
count() { sed -nE "s/.*<Counters[^>]* $2=\"([0-9]+)\".*/\1/p" "$1"; }
start() {                                          # RUN PROJECT REPORTER FILTERS COMMAND…: starts a run under COMMAND
  # runs the test program itself: `dotnet test` of .NET 10 refuses VSTest for it, and reports less progress
  local run=$1 name=$2 reporter=$3 filters; read -ra filters <<<"$4"; shift 4
  say "$run begins"
  TMPDIR=$SCRATCH "$@" dotnet "tests/$name/bin/Release/net10.0/$name.dll" -noLogo -noColor \
    -reporter "$reporter" -result-trx "$RESULTS/$run.trx" \
    "${filters[@]}" ${FILTER:+-method "*$FILTER*"} </dev/null & CHILDREN[$run]=$!
}
end() {                                            # RUN: waits for it and counts
  local run=$1 rc=0 trx=$RESULTS/$1.trx passed failed
  wait "${CHILDREN[$run]}" || rc=$?; unset "CHILDREN[$run]"
  if [ ! -s "$trx" ] || [ -z "$(count "$trx" total)" ]; then
    say "$run: no results (exit code $rc)"; FAILED=$((FAILED + 1)); return
  fi
  passed=$(count "$trx" passed) failed=$(($(count "$trx" total) - passed - $(count "$trx" notExecuted)))
  # a crash, or a run that finds no test, leaves results without a failure
  if [ $rc != 0 ] && [ $failed = 0 ]; then say "$run: stopped with exit code $rc"; failed=1; fi
  if [ "$passed" = 0 ] && [ $failed = 0 ] && [ -z "${FILTER:-}" ]; then say "$run: no test ran"; failed=1; fi
  say "$run: $passed passed, $failed failed"
  failures "$trx" >>"$RESULTS/failures.txt"
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed))
}
# The image is built beside the unit tests. All other tests run the program that it holds: OPERATOR names its folder.
image() {
  tests/servers/install.sh
  export OPERATOR=$SCRATCH/app TEST_IMAGE=localhost/mail-operator:test TEST_IMAGE_ARCHIVE=$SCRATCH/image.tar
  say "image begins"
  IMAGE=$TEST_IMAGE ARCHIVE=$TEST_IMAGE_ARCHIVE tests/program.sh "$OPERATOR" >"$RESULTS/image.log" 2>&1 &
  CHILDREN[image]=$!
}
unit() {
  [ -e /usr/share/zoneinfo/Europe/Zurich ] || tests/servers/install.sh   # rotation windows have time zones
  start unit MailOperator.UnitTests default ""; end unit
}
# Most tests wait: for the next second of a clock, or the end of an overlap. Four runs at once, each with its own API
# server, operator and mail servers, share the waiting. Measurements run alone afterwards.
declare -A OF=(
  [servers]="Servers Chart Chart.Image" [people]="Portal DeviceInvitations Backends MailBackends GitOps Crds"
  [ends]="MailDevices.Ends Monitoring")
# every other namespace belongs to the run "devices"
integration() {
  tests/servers/install.sh
  tests/servers/dovecot-2.4.sh >/dev/null
  local project=MailOperator.IntegrationTests others="" run these n rc=0
  if [ -n "${FILTER:-}" ]; then
    start integration $project verbose "" env AUDIT=1 tests/control-plane/up.sh; end integration; return
  fi
  if [ -n "${CHILDREN[image]:-}" ]; then
    wait "${CHILDREN[image]}" || rc=$?; unset "CHILDREN[image]"
    say "image: built (exit code $rc)"
    if [ $rc != 0 ]; then tail -n 30 "$RESULTS/image.log" >&2; FAILED=$((FAILED + 1)); return; fi
  fi
  for run in "${!OF[@]}"; do
    these=""; for n in ${OF[$run]}; do these+=" -namespace $project.$n" others+=" -namespace- $project.$n"; done
    start "$run" $project verbose "-trait- runs=alone $these -namespace $project.Closing" \
      env AUDIT=1 tests/control-plane/up.sh
  done
  start devices $project verbose "-trait- runs=alone $others" env AUDIT=1 tests/control-plane/up.sh
  for run in devices "${!OF[@]}"; do end "$run"; done
  start figures $project verbose "-trait runs=alone -trait runs=last" env AUDIT=1 tests/control-plane/up.sh; end figures
}

case ${1:-} in
  unit | integration | all) ;;
  *) FINISHED=1; sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
esac
make --no-print-directory build
if [ "$1" != unit ] && [ -z "${FILTER:-}${OPERATOR:-}" ]; then image; fi
case $1 in unit) unit ;; integration) integration ;; all) unit; integration ;; esac
FINISHED=1

#!/bin/bash
# fuzz.sh                tries the properties of tests/MailOperator.UnitTests/Fuzzing on many inputs (make fuzz)
# FUZZ_INPUTS=1000000    so many inputs for all of them together
# FUZZ_MINUTES=10        it ends by then, also with fewer
# FILTER=TEXT            only the properties with TEXT in their full name
# Prints "TARGET: N inputs, M failures" for each target; the last line is their sum. Exit code 0 means that none failed.
# An input that fails is shown, and kept in Fuzzing/corpus/TARGET: commit it together with the mend.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd) RUN="" PROJECT=MailOperator.UnitTests
export FUZZ_INPUTS=${FUZZ_INPUTS:-1000000} FUZZ_MINUTES=${FUZZ_MINUTES:-10}
export FUZZ_REPORT=$ROOT/artifacts/fuzz.txt
cd "$ROOT"; mkdir -p artifacts; rm -f "$FUZZ_REPORT"
finish() { if [ -n "$RUN" ]; then kill "$RUN" 2>/dev/null || :; wait "$RUN" 2>/dev/null || :; fi; }
trap finish EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP

make --no-print-directory build >&2
# Nothing that an input does may take for ever: what is still at work a minute after the end hangs.
timeout "$((FUZZ_MINUTES + 1))m" dotnet "tests/$PROJECT/bin/Release/net10.0/$PROJECT.dll" -noLogo -noColor \
  -trait runs=fuzz ${FILTER:+-method "*$FILTER*"} </dev/null >artifacts/fuzz.log 2>&1 & RUN=$!
rc=0; wait "$RUN" || rc=$?; RUN=""
if [ $rc != 0 ]; then cat artifacts/fuzz.log >&2; fi
if [ $rc = 124 ]; then echo "an input takes for ever" >&2; fi
[ -s "$FUZZ_REPORT" ] || { echo "no property ran" >&2; exit 1; }
cat "$FUZZ_REPORT"
awk '{ inputs += $2; failures += $4 } END { print inputs " inputs, " failures " failures" }' "$FUZZ_REPORT"
exit $rc

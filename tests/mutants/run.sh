#!/bin/bash
# Breaks the rules of the operator, one at a time, and expects a unit test to notice: see README.md.
# MUTANT=NAME            only that one
# The last line on standard output is "N killed, N survived"; exit code 0 means that none survived.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
TESTS=tests/MailOperator.UnitTests/bin/Release/net10.0 PREFIX=MailOperator.UnitTests
KILLED=0 SURVIVED=0 SERVER="" SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/mo-mutants.XXXXXX") PATCHES=()
say() { echo "mutants [${SECONDS}s] $*" >&2; }
finish() {
  trap '' INT TERM HUP
  if [ -n "$SERVER" ]; then kill "$SERVER" 2>/dev/null || :; wait "$SERVER" 2>/dev/null || :; fi
  rm -rf "$SCRATCH"
}
trap finish EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
fail() { say "$*"; exit 1; }

for p in "$ROOT"/tests/mutants/*.patch; do
  name=$(basename "$p" .patch)
  if [ "${MUTANT:-$name}" = "$name" ] && [ -e "$p" ]; then PATCHES+=("$p"); fi
done
[ ${#PATCHES[@]} -gt 0 ] || fail "there is no mutant ${MUTANT:-}"

# A copy of the checkout with its local changes: nothing here touches the checkout itself.
cd "$ROOT"
git ls-files -z -co --exclude-standard |
  while IFS= read -rd '' f; do if [ -e "$f" ]; then printf '%s\0' "$f"; fi; done |
  tar --null -T - -cf - | tar -xf - -C "$SCRATCH"
cd "$SCRATCH"; git init -q .
say "builds once"
dotnet build -c Release --nologo -v q -clp:NoSummary -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false \
  -p:ProvideCommandLineArgs=true -p:CompilerNotes="$SCRATCH" \
  -p:CustomAfterMicrosoftCommonTargets="$SCRATCH/tests/mutants/compiler.targets" tests/MailOperator.UnitTests >&2
COMPILER=$(<folder)
# A compiler that is warm needs a few seconds for a mutant. It is this script's own, and ends with it.
dotnet "$COMPILER/VBCSCompiler.dll" "-pipename:$(basename "$SCRATCH")" >/dev/null 2>&1 & SERVER=$!

compile() {
  (cd operator && dotnet "$COMPILER/csc.dll" "-shared:$(basename "$SCRATCH")" -noconfig "@$SCRATCH/arguments") &&
    cp operator/obj/Release/net10.0/MailOperator.dll "$TESTS/"
}
filters() { sed -nE '/^Tests: /{s///; s/, */\n/g; p}' "$@" | sort -u | sed "s/.*/-method $PREFIX.&/"; }
# PATCH…: runs the tests that they name; prints the summary. Nothing that a mutant does may take for ever.
tests() { timeout 300 dotnet "$TESTS/$PREFIX.dll" -noLogo -noColor $(filters "$@") </dev/null 2>&1; }
counted() { sed -nE "s/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+).*/\\$1/p" "$2"; }
survives() { SURVIVED=$((SURVIVED + 1)); echo "SURVIVED $1: $2"; }

tests "${PATCHES[@]}" >before || { cat before >&2; fail "a test fails without any mutant"; }
say "$(counted 1 before) tests pass without a mutant; ${#PATCHES[@]} mutants follow"
for p in "${PATCHES[@]}"; do
  name=$(basename "$p" .patch)
  if ! git apply "$p"; then survives "$name" "it does not apply"; continue; fi
  if ! compile >output 2>&1; then
    grep error output >&2 || :; survives "$name" "it does not compile"
  else
    rc=0; tests "$p" >output || rc=$?
    failed=$(counted 3 output)
    if [ "${failed:-0}" -gt 0 ]; then KILLED=$((KILLED + 1)); echo "killed   $name"
    elif [ $rc = 124 ]; then KILLED=$((KILLED + 1)); echo "killed   $name (its tests never end)"
    else survives "$name" "$(sed -n 's/^Rule: //p' "$p")"; fi
  fi
  git apply -R "$p"
done
echo "$KILLED killed, $SURVIVED survived"
[ $SURVIVED = 0 ]

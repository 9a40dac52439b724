#!/bin/bash
# Lets Stryker.NET make every mutant that it knows of the code that ends passwords, and runs the unit tests that reach
# each: see README.md. Prints what survives and the score; the report is in artifacts/stryker.
# MUTATE='GLOB …'        only these files, from operator/: MUTATE='MailDevices/Hold*.cs MailDevices/PlanRun.cs'
# SLOW=1                 also the tests that take seconds each: for a mutant that no other notices
# Exit code 0 means that the score is not below the one in stryker-config.json.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd) VERSION=5.1.0
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/mo-stryker.XXXXXX") STRYKER="" ONLY=()
say() { echo "stryker [${SECONDS}s] $*" >&2; }
finish() {
  trap '' INT TERM HUP
  if [ -n "$STRYKER" ]; then kill "$STRYKER" 2>/dev/null || :; wait "$STRYKER" 2>/dev/null || :; fi
  rm -rf "$SCRATCH"
}
trap finish EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP

# A copy of the checkout with its local changes: Stryker puts its own build of the operator beside the tests.
cd "$ROOT"
git ls-files -z -co --exclude-standard |
  while IFS= read -rd '' f; do if [ -e "$f" ]; then printf '%s\0' "$f"; fi; done |
  tar --null -T - -cf - | tar -xf - -C "$SCRATCH"
cd "$SCRATCH/tests/MailOperator.UnitTests"; git init -q "$SCRATCH"
# Stryker cannot filter the tests of this runner, and runs all that reach a mutant even if the first one fails. So those
# that are not about MailDevices go, and those that take seconds.
find . -name '*Tests.cs' -not -path './MailDevices/*' -not -path './Kubernetes/*Watches*' -delete
rm -r GitOps MailDevices/Tenancy MailDevices/CrashPoints/{CrashPoint,TwoLeaders}Tests.cs
[ -n "${SLOW:-}" ] || rm MailDevices/{Matrix,CrashPoints}/*Tests.cs MailDevices/MailDevicePlannerWorldTests.cs

say "installs dotnet-stryker $VERSION"
dotnet tool install --tool-path "$SCRATCH/tool" dotnet-stryker --version "$VERSION" >"$SCRATCH/log" 2>&1 ||
  { cat "$SCRATCH/log" >&2; exit 1; }
cd "$SCRATCH/tests/mutants"; read -ra GLOBS <<<"${MUTATE:-}"
for one in "${GLOBS[@]}"; do ONLY+=(--mutate "$one"); done
# Analyzers cost minutes and have nothing to say of a mutant. In the background, because a trap must not wait for it.
RunAnalyzers=false "$SCRATCH/tool/dotnet-stryker" --config-file stryker-config.json --skip-version-check \
  --output "$SCRATCH/report" "${ONLY[@]}" </dev/null & STRYKER=$!
rc=0; wait "$STRYKER" || rc=$?; STRYKER=""
if [ -d "$SCRATCH/report/reports" ]; then
  rm -rf "$ROOT/artifacts/stryker"; mkdir -p "$ROOT/artifacts"; mv "$SCRATCH/report/reports" "$ROOT/artifacts/stryker"
fi
exit $rc

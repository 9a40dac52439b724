#!/bin/bash
# bench.sh  measures the operator as in a pod, on an API server and mail servers of its own (make bench)
# PART=NAMES     only these parts (tests/MailOperator.Benchmarks/README.md), with spaces between them
# WRITE=1        also writes docs/figures.md and its pictures, from a run of all parts
# SCALE=0.1      with a tenth of all devices, to try a part
# OPERATOR=DIR   the folder of a program to measure, instead of the one that the image holds
# Exit code 0 means that every figure reached its target. The figures are in artifacts/bench.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd); cd "$ROOT"
tests/servers/install.sh
tests/control-plane/build.sh >/dev/null
if [ -z "${OPERATOR:-}" ]; then export OPERATOR=$ROOT/artifacts/operator; tests/program.sh "$OPERATOR"; fi
# Mail servers drop their rights and must still traverse it. Short, because paths of sockets may have 107 characters.
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/mo-bench.XXXXXX"); chmod 711 "$SCRATCH"
trap 'rm -rf "$SCRATCH"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
TMPDIR=$SCRATCH AUDIT=1 tests/control-plane/up.sh \
  dotnet tests/MailOperator.Benchmarks/bin/Release/net10.0/MailOperator.Benchmarks.dll

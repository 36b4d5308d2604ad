#!/bin/sh
# Runs one test of the chart, or says what is missing and exits 77, which ctest reports as SKIPPED.
# Usage: run_python_test.sh FILE [ARGUMENT...]. Environment: TOOLS, the folder in which scripts/setup leaves tools.
set -eu
skip() {
  echo "SKIPPED: $1; run scripts/setup test"
  exit 77
}
folder=$(dirname "$0")
[ -x "$TOOLS/helm" ] || skip "helm is not in $TOOLS"
[ -x "$TOOLS/promtool" ] || skip "promtool is not in $TOOLS"
[ -x "$TOOLS/grpcurl" ] || skip "grpcurl is not in $TOOLS"
"$TOOLS/python/bin/python" -c 'import kubernetes_validate, yaml' 2> /dev/null || skip "kubernetes-validate is not in $TOOLS/python"
command -v node > /dev/null || skip "node is not installed"
[ -d "$folder/node_modules/@kubernetes-models/cert-manager" ] || skip "the schemas of custom resources are not installed"
file=$1
shift
exec "$TOOLS/python/bin/python" "$folder/$file" "$@"

#!/usr/bin/env bash
# Every test, or with --quick those of the core and of JavaScript's logic, without a browser. It says in the end what each part took.
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/build/shell.sh

TOOK=()
# Where tests leave what they skipped, and why.
export MOBILENET_SKIPPED=$PWD/target/skipped
mkdir -p target
rm -f "$MOBILENET_SKIPPED"

# $1: what it is; the rest: a command.
step() {
  local what=$1 begun; shift
  begun=$(date +%s)
  say "$what"
  "$@"
  TOOK+=("$(printf '%6d s  %s' $(($(date +%s) - begun)) "$what")")
}

quick() {
  [ -f pkg/types/engine/node/node.d.ts ] && [ -f target/mobilenet.html ] || step "build" ./build.sh build
  npm_install tests/page
  npm_install tests/package
  step "unit tests of the core" cargo test --release --package mobilenet-kernel --package mobilenet-core --lib
  step "logic of the page" npm run --silent quick --prefix tests/page
  step "logic of the package" npm run --silent quick --prefix tests/package
}

# The fuzz targets make the same changes each time: what no campaign has found yet is no fault of what is tested here.
all() {
  step "setup" tests/setup.sh
  step "build" ./build.sh build
  step "check" tests/check.sh
  step "native tests" env MOBILENET_PYTHON="$PWD/target/runtimes/bin/python" cargo test --release --workspace
  step "ARM, emulated" tests/arm.sh
  step "fuzz targets" env FUZZ_SEED=1 tests/fuzz/run.sh 3
  step "the engine in Chromium" wasm-pack test --headless --chrome
  if command -v firefox-esr >/dev/null; then step "the engine in Firefox" wasm-pack test --headless --firefox; fi
  step "page tests" npm run --silent test --prefix tests/page
  step "package tests" npm run --silent test --prefix tests/package
}

case ${1:-} in
  "") all ;;
  --quick) quick ;;
  *) die "test takes --quick, not $1" ;;
esac
say "all passed"
printf '%s\n' "${TOOK[@]}" >&2
if [ -s "$MOBILENET_SKIPPED" ]; then
  say "skipped"
  cat "$MOBILENET_SKIPPED" >&2
fi

#!/usr/bin/env bash
# Feeds whatever reads files of strangers with changed ones: tests/fuzz/run.sh [SECONDS] [TARGET...]
#
# Each target of tests/fuzz/targets for SECONDS (10), as many at once as there are cores. With FUZZ_SEED it makes the same changes each
# time; with SANITIZER=address nightly Rust watches the native code.
set -euo pipefail
cd "$(dirname "$0")/../.."
. pkg/build/shell.sh

TARGETS=$(basename --suffix .rs tests/fuzz/targets/*.rs | xargs)
HOST=$(rustc -vV | sed -n 's/^host: //p')
FOLDER=target/fuzz${SANITIZER:+-$SANITIZER}
PROGRAMS=$FOLDER/$HOST/release

# What counts the branches that an input takes, so that libFuzzer finds its way; a stable compiler has it. Named, the host's build
# scripts go without.
build() {
  local flags=(${SANITIZER:+"-Zsanitizer=$SANITIZER"} -Cpasses=sancov-module) cargo=(cargo ${SANITIZER:++nightly}) part
  for part in level=4 inline-8bit-counters pc-table trace-compares; do flags+=("-Cllvm-args=-sanitizer-coverage-$part"); done
  flags+=(--cfg fuzzing -Ccodegen-units=1)
  command -v c++ >/dev/null || apt_install g++
  say "building the fuzz targets"
  RUSTFLAGS=${flags[*]} "${cargo[@]}" build --release --locked --manifest-path tests/fuzz/Cargo.toml --target "$HOST" --target-dir "$FOLDER"
}

# $1: target, $2: seconds. Of inputs, those in the repository are tried first, and what was found in earlier runs, but for one with
# FUZZ_SEED, which is to find what the last one did. libFuzzer keeps what breaks something, and says a lot.
feed() {
  local program=$PROGRAMS/$1 corpus=$FOLDER/corpus/$1 seeds=tests/fuzz/seeds/$1 log=$FOLDER/$1.log
  [ -z "${FUZZ_SEED:-}" ] || { corpus=$FOLDER/seeded/$1; rm -rf "$corpus"; }
  mkdir -p "$corpus"
  MOBILENET_FUZZ_SEEDS=$corpus "$program" 2>/dev/null
  [ ! -d "$seeds" ] || cp "$seeds"/* "$corpus"
  "$program" -seed="${FUZZ_SEED:-0}" -max_total_time="$2" -timeout=60 -rss_limit_mb=6000 -print_final_stats=1 -artifact_prefix="$FOLDER/$1-" "$corpus" 2>"$log" || {
    tail -n 40 "$log" >&2
    die "the input that did this is kept: try it again with $program FILE, then put it into $seeds"
  }
}

report() {
  local target runs total=0
  for target in "$@"; do
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$FOLDER/$target.log")
    printf '%12s inputs  %s\n' "$runs" "$target"
    total=$((total + runs))
  done
  printf '%12s inputs, nothing broke\n' "$total"
}

seconds=10
if [[ ${1:-} =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi
[ $# -gt 0 ] || set -- $TARGETS
build
for target in "$@"; do
  [ -x "$PROGRAMS/$target" ] || die "$target is not a fuzz target: choose one of $TARGETS"
done
export FOLDER PROGRAMS
export -f feed die
printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' bash -euc 'feed "$@"' bash '{}' "$seconds"
report "$@"

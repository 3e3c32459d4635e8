#!/usr/bin/env bash
# Campaigns of hours: what `./build.sh test` runs a little of, with other counts. tests/soak.sh [NAME...], by default all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/build/shell.sh

soak_fuzz() {
  tests/fuzz/run.sh 1800
  RUNS=100000 node --test tests/page/teach/mutated.test.mjs
  RUNS=10000 node --test tests/package/hostile.test.mjs
}

soak_program() {
  KILLS=200 cargo test --release --package mobilenet --test kills
  CHANGES=1000 cargo test --release --package mobilenet --test folders --test bombs
  cargo test --release --package mobilenet --test folders --test shards -- --ignored
}

soak_page() {
  FLIPS=10000 node --test tests/page/faults-flips.test.mjs
  FAULTS=all node --test tests/page/faults-network.test.mjs
  local engine
  for engine in chromium firefox; do
    ENGINE=$engine FRAMES=100000 LOADS=1000 node --test --test-timeout=0 tests/page/memory.test.mjs
    ENGINE=$engine MINUTES=10 UNDOS=500 node --test --test-timeout=0 tests/page/long-runs.test.mjs
  done
}

soak_engines() {
  node --test --test-concurrency=1 tests/page/engines.test.mjs tests/page/webkit.test.mjs
  ENGINE=firefox npm run --silent test --prefix tests/page
}

# An app of each framework, built and asked in Chromium. Some want a newer Node than the other tests: those are skipped, and named.
soak_frameworks() {
  (cd tests/package && node install.mjs && FRAMEWORKS=all node --test --test-timeout=0 frameworks.test.mjs)
}

# $@: options for the components that are needed.
nightly() {
  need rustup "install Rust from https://rustup.rs"
  rustup toolchain install nightly --profile minimal "$@"
}

# Miri checks every read and write of the portable kernels and of those for AVX2. It comes with nightly Rust alone.
soak_kernels() {
  nightly --component miri --component rust-src
  MIRIFLAGS=-Zmiri-disable-isolation RUSTFLAGS='-C target-feature=+avx2' \
    cargo +nightly miri test --package mobilenet-kernel --lib --target-dir target/miri
}

# AddressSanitizer watches the native code of those that read files of strangers and have unsafe code, their own or of what they use.
# What is kept for ever, as tables are, is no leak that matters.
soak_sanitizer() {
  nightly
  SANITIZER=address ASAN_OPTIONS=detect_leaks=0 tests/fuzz/run.sh 1800 decode lower model onnx
}

[ $# -gt 0 ] || set -- fuzz program page frameworks engines kernels sanitizer
for name in "$@"; do
  declare -F "soak_$name" >/dev/null || die "soak takes fuzz, program, page, frameworks, engines, kernels and sanitizer, not $name"
done
tests/setup.sh
./build.sh build
for name in "$@"; do
  say "soak: $name"
  "soak_$name"
done

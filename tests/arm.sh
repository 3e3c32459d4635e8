#!/usr/bin/env bash
# The kernels, the preprocessing and the answers to every picture on ARM, emulated, with and without the dot product extension: against
# the same digests. Skipped where the emulator or the compiler for ARM is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/build/shell.sh

TARGET=aarch64-unknown-linux-gnu
skip() {
  say "skipped: $*"
  [ -z "${MOBILENET_SKIPPED:-}" ] || echo "tests on ARM skipped because $*" >>"$MOBILENET_SKIPPED"
  exit 0
}

for command in qemu-aarch64 aarch64-linux-gnu-gcc; do command -v $command >/dev/null || skip "there is no $command"; done
[ -d "$(rustc --print sysroot)/lib/rustlib/$TARGET" ] || rustup target add $TARGET || skip "Rust has no target $TARGET here"

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
emulate() {
  local processor=$1; shift
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -cpu $processor -L /usr/aarch64-linux-gnu" cargo test --release --target $TARGET "$@"
}

# `max` has the extension, the other one, of 2015, does not.
emulate max --package mobilenet-kernel --lib
emulate cortex-a72 --package mobilenet-kernel --lib depthwise
emulate max --package mobilenet-core --test equality --test resize

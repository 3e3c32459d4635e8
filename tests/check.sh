#!/usr/bin/env bash
# Formatting, lints, documentation and types: what is wrong without running anything. `./build.sh check` runs it; it needs no browser.
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/build/shell.sh

JAVASCRIPT=(page package export)

# Types come with the wasm and with the package.
prepare() {
  local name missing=()
  for name in web:engine studio:studio onnx:onnx; do
    [ -f "pkg/wasm/mobilenet_${name%:*}.d.ts" ] || missing+=("${name#*:}")
  done
  [ ${#missing[@]} = 0 ] || pkg/build/wasm.sh pkg/wasm "${missing[@]}"
  pkg/build/package.sh
  for name in "${JAVASCRIPT[@]}"; do npm_install "tests/$name"; done
}

prepare
say "formatting"
cargo fmt --all --check
say "lints"
cargo clippy --release --workspace --all-targets -- -D warnings
cargo clippy --release --package mobilenet-web --lib --tests --all-features --target wasm32-unknown-unknown -- -D warnings
say "documentation"
RUSTDOCFLAGS='-D warnings' cargo doc --release --no-deps --workspace --lib
say "types of the page"
printf '%s\n' "${JAVASCRIPT[@]}" | xargs -P "$(nproc)" -I '{}' npm run --silent check --prefix 'tests/{}'

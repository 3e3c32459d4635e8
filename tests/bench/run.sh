#!/usr/bin/env bash
# Our speed beside other engines': tests/bench/run.sh [browser|native] [--quick] [--publish] [--without-avx-vnni]; or of the page alone:
# visit, teach, or folder. --publish writes the README's section for processors with AVX-VNNI or the one for those without, as this one is.
# --without-avx-vnni measures in Chromium alone, with V8's AVX-VNNI switched off: all engines run as on an x86 processor without it,
# and --publish then writes the section for those.
set -euo pipefail
cd "$(dirname "$0")/../.."
. pkg/build/shell.sh

# The same network for every engine, in its own format. One `mobilenet export` a line: format, precision, name.
export_models() {
  local format precision name
  say "exporting the model for the other engines"
  mkdir -p target/bench/models
  while read -r format precision name; do
    target/release/mobilenet export src/core/models/furniture.safetensors --format "$format" --precision "$precision" \
      --out "target/bench/models/$name" >&2
  done <<'END'
tflite int8 furniture.int8.tflite
tflite float furniture.float.tflite
onnx int8 furniture.int8.onnx
onnx float furniture.float.onnx
tfjs float furniture.float.tfjs
END
}

# $1: a peer that is a Rust crate, in wasm with the relaxed SIMD that its authors recommend.
build_crate() {
  say "building $1 for the browser"
  RUSTFLAGS='-C target-feature=+simd128,+relaxed-simd' cargo build --release --locked --target wasm32-unknown-unknown \
    --manifest-path "tests/bench/$1/Cargo.toml" --target-dir target/bench/cargo
  wasm-bindgen --target web --out-dir "target/bench/$1" "target/bench/cargo/wasm32-unknown-unknown/release/bench_$1.wasm"
}

prepare_browser() {
  npm run --silent check --prefix tests/bench
  npm run --silent test --prefix tests/bench >&2
  build_crate tract
  build_crate rten
  rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -C target-feature=+simd128 -C opt-level=3 -C panic=abort \
    -C strip=symbols -o target/bench/peak.wasm tests/bench/peak.rs
}

prepare_native() {
  venv target/bench/venv --requirement tests/bench/native/requirements.txt
  cargo bench --package mobilenet --bench native --no-run
}

measure_browser() { node tests/bench/browser.mjs "$@"; }

measure_native() { cargo bench --package mobilenet --bench native -- "$@"; }

measure_page() {
  ./build.sh build
  tests/setup.sh chromium
  npm_install tests/page
  node "tests/page/$1-speed.mjs"
}

compare() {
  local halves=() options=() publish=() switched=() failed=0 word
  for word in "$@"; do
    case $word in
      browser | native) halves+=("$word") ;;
      --quick) options+=(--quick) ;;
      --publish) publish=(--publish) ;;
      --without-avx-vnni) switched=(--without-avx-vnni) ;;
      *) die "bench takes browser, native, --quick, --publish and --without-avx-vnni, not $word" ;;
    esac
  done
  if [ ${#switched[@]} -gt 0 ]; then
    [[ " ${halves[*]} " != *" native "* ]] || die "--without-avx-vnni is a switch of the browser's: without native"
    # Refused now rather than after the builds.
    grep -qw avx_vnni /proc/cpuinfo 2>/dev/null || die "--without-avx-vnni: this processor has no AVX-VNNI that is known of"
    halves=(browser)
    options+=("${switched[@]}")
  fi
  [ ${#halves[@]} -gt 0 ] || halves=(browser native)
  ./build.sh build
  tests/setup.sh chromium
  npm_install tests/bench
  export_models
  for word in "${halves[@]}"; do "prepare_$word"; done
  # Builds are over: nothing else runs while we measure. Figures that turn out wrong are shown too, and fail in the end.
  for word in "${halves[@]}"; do
    say "measuring: $word"
    "measure_$word" "${options[@]}" || failed=1
  done
  node tests/bench/report.mjs "${publish[@]}"
  return $failed
}

case $* in
  teach | visit | folder) measure_page "$1" ;;
  *) compare "$@" ;;
esac

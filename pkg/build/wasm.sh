#!/usr/bin/env bash
# Builds the wasm of the page, with its glue: pkg/build/wasm.sh FOLDER NAME...
#
#   engine   classifies, with backbone and furniture head inside
#   studio   teaches, exports and shares
#   onnx     reads ONNX files
#   lean     the engine without a model, which is only weighed (./build.sh sizes)
#
# Those that are named are built at once: each has a profile of Cargo's, and so a build folder, of its own. Only engine and lean share one.
# wasm-bindgen is installed beside them if it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
. pkg/build/shell.sh

# The name of the wasm, which is its profile too but for the engine's.
stem() {
  case $1 in
    engine | lean) echo web ;;
    studio | onnx) echo "$1" ;;
    *) die "unknown wasm $1: choose engine, studio, onnx or lean" ;;
  esac
}

profile() { stem "$1" | sed 's/^web$/wasm/'; }

compile() {
  local name=$1 options=() codegen=()
  case $name in
    lean) options=(--no-default-features --features engine) ;;
    studio | onnx) options=(--no-default-features --features "$name") ;;
  esac
  # Functions that ask to be copied into their callers are, up to a size below LLVM's own: 9 KB (brotli) less. What teaches keeps it.
  case $name in engine | lean) codegen=(-- -C llvm-args=-inlinehint-threshold=75) ;; esac
  # The names of the folders that this machine has its crates in would otherwise be in the wasm, and make it another one elsewhere.
  cargo rustc --package mobilenet-web --profile "$(profile "$name")" --lib --crate-type cdylib --target wasm32-unknown-unknown \
    --config "target.wasm32-unknown-unknown.rustflags=['--remap-path-prefix=${CARGO_HOME:-${HOME:?}/.cargo}/registry/src=crates']" \
    "${options[@]}" "${codegen[@]}"
}

# A browser has no use for the names of functions. The converter's wasm is in a package of its own, so its glue may not name it: a bundler
# would look for it.
bind() {
  local options=()
  [ "$2" != onnx ] || options=(--omit-default-module-path)
  wasm-bindgen --target web --remove-name-section "${options[@]}" --out-name "mobilenet_$(stem "$2")" --out-dir "$1" \
    "target/wasm32-unknown-unknown/$(profile "$2")/mobilenet_web.wasm"
  case $2 in engine | lean) tell_bytes "$1" ;; esac
}

# A server that compresses says how many bytes it sends, and a browser counts those that come out. So without this nobody would know how
# much is still to come.
tell_bytes() {
  printf '// How long the engine is: what a server says is how long it is compressed.\nexport const ENGINE_BYTES = %d;\n' \
    "$(wc -c <"$1/mobilenet_web_bg.wasm")" >"$1/engine-bytes.js"
}

[ $# -ge 2 ] || die "usage: pkg/build/wasm.sh FOLDER NAME..."
folder=$1; shift
for name in "$@"; do stem "$name" >/dev/null; done
say "building wasm: $*"
[ $# = 1 ] || export CARGO_TERM_PROGRESS_WHEN=never
start install_bindgen
for name in "$@"; do start compile "$name"; done
for process in "${STARTED[@]}"; do wait -n; done
for name in "$@"; do bind "$folder" "$name"; done

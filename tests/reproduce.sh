#!/usr/bin/env bash
# Two clean builds of what is committed, one in a folder far from the other, by two names: the bytes of all wasm and of a model that is
# trained on two classes are the same.
set -euo pipefail
cd "$(dirname "$0")/.."
. pkg/build/shell.sh

# Builds here, and notes the digests.
build_twin() {
  cargo build --release --package mobilenet
  pkg/build/wasm.sh pkg/wasm engine studio onnx
  mkdir -p target/photos/{jpeg,png}
  cp tests/pictures/jpeg_*.jpg target/photos/jpeg
  cp tests/pictures/png_*.png target/photos/png
  target/release/mobilenet train target/photos --no-cache --out target/taught/model.safetensors >&2
  sha256sum pkg/wasm/*.wasm target/taught/model.safetensors >target/digests
}

home=$(mktemp -d)
twins=("$home/first" "$home/second/a longer name")
# Both before either is built, which takes long enough for another commit.
for twin in "${twins[@]}"; do git clone --quiet . "$twin"; done
for twin in "${twins[@]}"; do (cd "$twin" && build_twin); done
say "comparing"
diff "${twins[@]/%//target/digests}"
cat "${twins[0]}/target/digests"
rm -rf "$home"
say "both builds are the same bytes"

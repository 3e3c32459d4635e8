#!/usr/bin/env bash
# The one command of this project: installs what is missing, builds, serves, tests.
set -euo pipefail
cd "$(dirname "$0")"
. pkg/build/shell.sh

usage() {
  cat <<'END'
./build.sh              the page first, served at http://localhost:8080 (PORT=8080) in a few minutes, then everything else.
                        Ctrl-C ends it; the next time goes on where it was
./build.sh build        everything, and no server: the page in target/site; the page as one HTML file that opens by a double click,
                        target/mobilenet.html; the npm packages in pkg/ and pkg/onnx/; the program
                        target/release/mobilenet
./build.sh setup        install everything that `wasm-pack test --headless --chrome` or --firefox needs: wasm-bindgen, wasm-pack,
                        Chromium, Firefox and their drivers. Building needs none but wasm-bindgen, and installs it itself
./build.sh site DIR [MODEL]
                        the page as a folder for any static host, with MODEL (from `mobilenet train`) inside
./build.sh serve [DIR]  serve DIR, target/site if not named (PORT=8080)
./build.sh test         install what the tests need, then run every test
./build.sh test --quick the core's unit tests and the logic of page and package, without a browser
./build.sh fuzz [SECONDS] [TARGET...]
                        feed whatever reads files of strangers with changed ones, each target of tests/fuzz/targets for
                        SECONDS (10); one that breaks something is kept and named
./build.sh check        formatting, lints, documentation and the types of the page's JavaScript
./build.sh audit        licences, sources and known flaws of everything that is built in, and what that is: target/sbom
./build.sh reproduce    build everything and train a model twice, in two folders, and compare the bytes
./build.sh soak [NAME...]
                        hours of trying to break it: fuzz, program, page, frameworks, engines, kernels and sanitizer, or
                        those that are named
./build.sh sizes        what a visitor downloads, raw and compressed, with and without a model
./build.sh bench visit   how long a first visit over a slow link takes to its first answer
./build.sh bench teach   how long the page takes to learn five classes of a hundred samples, and what blocks it meanwhile
./build.sh bench folder  how much faster a folder of 200 photos is classified by several workers than by one (ten minutes)
./build.sh bench [browser|native] [--quick] [--publish] [--without-avx-vnni]
                        our speed beside other engines', in Chromium and in the terminal; --quick for a rough look in
                        a few minutes, --publish to put the figures into the README, --without-avx-vnni for Chromium as on
                        an older x86 processor. The first time builds for long
./build.sh backbone --calibrate DIR [--calibrate DIR] [--check DIR]
                        rebuild the backbone from its public weights, calibrated on folders of varied pictures
./build.sh help         this text
END
}

# What building needs, but for wasm-bindgen, which pkg/build/wasm.sh installs while it compiles.
need_tools() {
  need cargo "install Rust from https://rustup.rs"
  need node "install Node 20 or newer"
  [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] || return 0
  need rustup "install the wasm32-unknown-unknown standard library of your Rust"
  rustup target add wasm32-unknown-unknown
}

setup() {
  need_tools
  tests/setup.sh browsers
  [ "$(command -v wasm-bindgen)" != "$TOOLS/bin/wasm-bindgen" ] ||
    say "wasm-pack needs this wasm-bindgen first on your path: export PATH=\"$TOOLS/bin:\$PATH\""
}

# What classifies and teaches: all that a page needs to be looked at.
build_page() {
  need_tools
  npm_install pkg
  pkg/build/wasm.sh pkg/wasm engine studio
  node pkg/build/site.mjs target/site pkg/wasm
}

# The program is last, since it carries the site and the one file. What it is made of is compiled beside the reader of ONNX files: each
# of them has one crate, tract's core, that keeps one processor core busy for minutes.
build_rest() {
  local first=${#STARTED[@]} process
  say "building the reader of ONNX files, and the program without its page"
  start pkg/build/wasm.sh pkg/wasm onnx
  start cargo build --release --package mobilenet
  for process in "${STARTED[@]:first}"; do wait "$process"; done
  node pkg/build/site.mjs target/site pkg/wasm
  say "building the one file"
  node pkg/build/onefile/build.mjs target/mobilenet.html pkg/wasm
  pkg/build/package.sh
  say "building the program with its page"
  cargo build --release --package mobilenet
}

build() {
  build_page
  build_rest
}

# Serves the page as soon as it is there, and builds the rest meanwhile.
show() {
  local server address=target/address
  build_page
  : >$address
  start node pkg/build/serve.mjs target/site "${PORT:-8080}" >$address
  server=${STARTED[-1]}
  until [ -s $address ]; do
    kill -0 "$server" 2>/dev/null || exit 1
    sleep 0.1
  done
  say "the page is up at $(cat $address). Still to come: the reader of ONNX files, the one file, the packages and the program"
  build_rest
  say "everything is built; the page stays up at $(cat $address) until Ctrl-C"
  wait "$server"
}

# Runs the program, which knows how to make a site and to serve one.
program() {
  [ -x target/release/mobilenet ] || build
  exec target/release/mobilenet "$@"
}

sizes() {
  need_tools
  pkg/build/wasm.sh target/lean lean
  pkg/build/wasm.sh pkg/wasm engine studio
  node tests/page/sizes.mjs target/lean pkg/wasm
}

command=${1:-}
shift || true
case $command in
  "") show ;;
  setup) setup ;;
  build) build ;;
  site) program site "$@" ;;
  serve) program serve "${1:-target/site}" --port "${PORT:-8080}" ;;
  test) tests/run.sh "$@" ;;
  check) need_tools; tests/check.sh ;;
  audit) tests/audit.sh ;;
  reproduce) need_tools; tests/reproduce.sh ;;
  soak) tests/soak.sh "$@" ;;
  fuzz) tests/fuzz/run.sh "$@" ;;
  sizes) sizes ;;
  bench) tests/bench/run.sh "$@" ;;
  backbone) tests/backbone/run.sh "$@" ;;
  help | -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac

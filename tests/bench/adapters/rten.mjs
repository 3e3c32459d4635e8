// rten, compiled from tests/bench/rten with relaxed SIMD.

import { loader } from './bindgen.mjs';

// @ts-ignore: built by ./build.sh bench
export const load = loader(() => import('../../../target/bench/rten/bench_rten.js'));

// tract, compiled from tests/bench/tract with relaxed SIMD.

import { loader } from './bindgen.mjs';

// @ts-ignore: built by ./build.sh bench
export const load = loader(() => import('../../../target/bench/tract/bench_tract.js'));

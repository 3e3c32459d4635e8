// Ours without relaxed SIMD: what every browser has.

import { open } from './mobilenet.mjs';

/** @type {import('../page/engine.mjs').Load} */
export const load = () => open({ relaxedSimd: false });

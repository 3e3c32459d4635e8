// `?relaxed-simd=off` has the page do without, to see what it brings. The module comes ahead of the elements, the first of which starts the worker.

import { client } from '../pkg/engine/page/client.js';

client.allowRelaxedSimd(new URLSearchParams(location.search).get('relaxed-simd') !== 'off');

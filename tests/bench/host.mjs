// The server of the benchmark, on a thread of its own: what a browser asks for never waits for what drives the browser.

import { parentPort, workerData } from 'node:worker_threads';
import { serve } from '../../pkg/build/serve.mjs';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const { root, headers } = workerData;
const { url } = await serve(root, 0, (path) => port.postMessage({ path }), headers);
port.postMessage({ url });

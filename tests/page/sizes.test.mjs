// The download stays small: sizes are exact, so unlike speed they can be a test.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './browser.mjs';
import { sizes } from './sizes.mjs';

const WASM = join(ROOT, 'pkg/wasm');

test('engine, backbone and head together are at most 2.6 MB', () => {
  const { brotli } = sizes(WASM);
  assert.ok(brotli <= 2_600_000, `${brotli} bytes`);
});

test('who only classifies downloads nothing that teaches, exports or shares, and that is at most 210 KB', () => {
  const { brotli } = sizes(WASM, 'mobilenet_studio');
  assert.ok(brotli <= 210_000, `${brotli} bytes`);
});

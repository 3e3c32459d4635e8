// ONNX files: how to recognise one, and what it does not say by itself.

import { MobilenetError } from './failure.js';
import { kindOf, readOptions } from './options.js';

/**
 * @typedef {import('../../wasm/mobilenet_onnx.js').OnnxSettings} OnnxSettings
 */

// The first field of an ONNX file is its version. A safetensors file may begin with the same byte, but has a brace at 8.
const [VERSION, BRACE] = [0x08, 0x7b];

/** What a model is called that is made of a file without a name. */
export const UNNAMED = 'an ONNX file';

/** @param {Uint8Array} bytes of a model file */
export function isOnnx(bytes) {
  return bytes[0] === VERSION && bytes[8] !== BRACE;
}

/**
 * Settings as callers give them. The converter checks the values; here it is only that a worker can be sent them.
 *
 * @param {Partial<OnnxSettings>} given
 * @param {string} name of the file, unless the settings have one
 * @returns {OnnxSettings}
 * @throws {MobilenetError} `bad-argument`
 */
export function onnxSettings(given, name) {
  const { labels, levels, fit, name: stated } = readOptions(given);
  const settings = { name: stated ?? name, labels, levels, fit };
  for (const [key, value] of Object.entries(settings)) {
    if (value !== undefined && typeof value !== 'string') throw new MobilenetError('bad-argument', `${key} of an ONNX file is a string, not ${kindOf(value)}`);
  }
  return settings;
}

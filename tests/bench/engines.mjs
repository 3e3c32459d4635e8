// Who is measured, with how many threads, on which file of the same model. `mobilenet export` makes the files.

import { readFileSync } from 'node:fs';

/**
 * @typedef {import('./adapters/input.mjs').NumberType} NumberType
 * @typedef {{ file: string, type: NumberType }} Model of one input, 1 x 224 x 224 x 3 bytes as numbers of this type
 * @typedef {'int8' | 'f32'} Precision
 * @typedef {{ engine: string, adapter: string, threads: number, precision: Precision, model: Model | null }} Entry
 */

/** @type {Record<string, Model>} */
const MODELS = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8'));

/**
 * @param {string} engine
 * @param {string} adapter
 * @param {Precision} precision
 * @param {number} threads
 * @param {'tflite' | 'onnx' | 'tfjs' | null} kind of its model file, where it has one
 * @returns {Entry}
 */
function entry(engine, adapter, precision, threads, kind) {
  return { engine, adapter, threads, precision, model: (kind && MODELS[`${kind} ${precision}`]) || null };
}

/** Ours as it runs where a browser has no exact product of bytes. */
export const SIMD128_ALONE = entry('mobilenet-web, simd128 alone', 'mobilenet-simd128', 'int8', 1, null);

/** Ours first: every ratio is to it. */
export const ENGINES = [
  entry('mobilenet-web', 'mobilenet', 'int8', 1, null),
  SIMD128_ALONE,
  entry('LiteRT.js', 'litert', 'int8', 1, 'tflite'),
  entry('LiteRT.js', 'litert', 'int8', 2, 'tflite'),
  entry('LiteRT.js', 'litert', 'f32', 1, 'tflite'),
  entry('LiteRT.js', 'litert', 'f32', 2, 'tflite'),
  entry('MediaPipe', 'mediapipe', 'int8', 1, 'tflite'),
  entry('TensorFlow.js wasm', 'tfjs', 'f32', 1, 'tfjs'),
  entry('ONNX Runtime Web', 'onnxruntime', 'int8', 1, 'onnx'),
  entry('ONNX Runtime Web', 'onnxruntime', 'f32', 1, 'onnx'),
  entry('ONNX Runtime Web', 'onnxruntime', 'f32', 2, 'onnx'),
  entry('tract', 'tract', 'f32', 1, 'onnx'),
  entry('rten', 'rten', 'f32', 1, 'onnx'),
];

/** The model files that our wasm carries inside. */
export const EMBEDDED = ['src/core/models/mobilenet_v2_1.0_224.safetensors', 'src/core/models/furniture.safetensors'];

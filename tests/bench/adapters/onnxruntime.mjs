// ONNX Runtime Web: the entry without WebGPU, whose wasm is the smallest.

import { InferenceSession, Tensor, env } from 'onnxruntime-web/wasm';
import { SHAPE, emptyTensor, fill, resizer } from './input.mjs';

/** @type {import('../page/engine.mjs').Load} */
export async function load({ model, type, threads }) {
  env.wasm.numThreads = threads;
  const session = await InferenceSession.create(await model(), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  const [resize, pixels] = [resizer(), emptyTensor(type)];
  const [input, output] = /** @type {[string, string]} */ ([session.inputNames[0], session.outputNames[0]]);

  /** @param {Tensor} tensor */
  async function infer(tensor) {
    const found = await session.run({ [input]: tensor }, [output]);
    return /** @type {Float32Array} */ (/** @type {Tensor} */ (found[output]).data);
  }

  return {
    prepare: (input) => new Tensor(type, type === 'uint8' ? input : Float32Array.from(input), SHAPE),
    infer,
    classify(picture) {
      fill(pixels, resize(picture));
      return infer(new Tensor(type, pixels, SHAPE));
    },
  };
}

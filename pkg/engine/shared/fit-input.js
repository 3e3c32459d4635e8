// Samples as a fit takes them: one row of numbers a sample, with its class and its burst.

import { MobilenetError } from './failure.js';

/**
 * @typedef {import('../worker/worker.js').TeachInput} TeachInput
 */

// More embeddings than the memory of a wasm holds, and more classes than a head may have: what has no end is refused here.
export const SAMPLE_LIMIT = 1_000_000;
const CLASS_LIMIT = 10_000;

/**
 * @template Source
 * @param {Iterable<import('./classifier.js').Sample<Source>>} given
 * @param {{ labels?: string[], settings: TeachInput['settings'], layers: number[], embed: (source: Source) => Promise<Float32Array> }} options
 * @returns {Promise<TeachInput>}
 */
export async function fitInput(given, { labels: named, settings, layers, embed }) {
  if (layers.length === 0) {
    throw new MobilenetError('wrong-backbone', 'this model is an ONNX file that runs in float, which has no embeddings. Fit over the built-in model');
  }
  const samples = listOf(given, SAMPLE_LIMIT, 'samples');
  const labels = listOf(named ?? new Set(samples.map(({ label }) => label)), CLASS_LIMIT, 'labels');
  if (!labels.every((label) => typeof label === 'string')) throw new MobilenetError('bad-argument', 'a label is a text: give each sample one');
  const classes = Uint32Array.from(samples, ({ label }, index) => classOf(label, labels, index));
  const bursts = burstsOf(samples);
  const features = layers.reduce((sum, numbers) => sum + numbers, 0);
  const rows = [];
  for (const [index, sample] of samples.entries()) {
    const row = await rowOf(sample, index, embed);
    // Those that were saved before embeddings had a tail end after the last layer; then all of them have to.
    const fits = row?.length === features || row?.length === layers[0];
    if (!fits || row.length !== (rows[0] ?? row).length) {
      throw refused(index, `its embedding is not the ${features} numbers that \`embed\` gives`);
    }
    rows.push(row);
  }
  const length = rows[0]?.length ?? features;
  const embeddings = new Float32Array(rows.length * length);
  for (const [index, row] of rows.entries()) embeddings.set(row, index * length);
  return { embeddings, classes, bursts, labels, settings };
}

/**
 * @template Value
 * @param {Iterable<Value>} values
 * @param {number} limit
 * @param {string} what
 */
function listOf(values, limit, what) {
  const list = /** @type {Value[]} */ ([]);
  for (const value of values) {
    if (list.push(value) > limit) throw new MobilenetError('bad-argument', `there are more than ${limit} ${what}: give fewer`);
  }
  return list;
}

/**
 * @param {string} label
 * @param {string[]} labels
 * @param {number} index of its sample
 */
function classOf(label, labels, index) {
  const place = labels.indexOf(label);
  if (place < 0) throw refused(index, `"${label}" is none of the labels`);
  return place;
}

/**
 * What is in no burst is one of its own.
 *
 * @param {{ burst?: unknown }[]} samples
 */
function burstsOf(samples) {
  const numbers = new Map();
  return Uint32Array.from(samples, (sample) => {
    const burst = sample.burst ?? sample;
    if (!numbers.has(burst)) numbers.set(burst, numbers.size);
    return numbers.get(burst);
  });
}

/**
 * @template Source
 * @param {import('./classifier.js').Sample<Source>} sample
 * @param {number} index
 * @param {(source: Source) => Promise<Float32Array>} embed
 */
async function rowOf(sample, index, embed) {
  if ('embedding' in sample) return sample.embedding;
  try {
    return await embed(sample.source);
  } catch (error) {
    if (!(error instanceof MobilenetError)) throw error;
    throw new MobilenetError(error.code, `sample ${index}: ${error.message}`);
  }
}

/**
 * @param {number} index
 * @param {string} reason
 */
function refused(index, reason) {
  return new MobilenetError('bad-argument', `sample ${index}: ${reason}`);
}

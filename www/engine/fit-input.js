// Samples as a fit takes them: one row of numbers a sample, with its class and its burst.

import { MobilenetError } from './failure.js';

/**
 * @typedef {import('./worker.js').TeachInput} TeachInput
 */

/**
 * @template Source
 * @param {import('./classifier.js').Sample<Source>[]} samples
 * @param {{ labels?: string[], settings: TeachInput['settings'], embed: (source: Source) => Promise<Float32Array> }} options
 * @returns {Promise<TeachInput>}
 */
export async function fitInput(samples, { labels = [...new Set(samples.map(({ label }) => label))], settings, embed }) {
  const classes = Uint32Array.from(samples, ({ label }, index) => classOf(label, labels, index));
  const bursts = burstsOf(samples);
  const rows = [];
  for (const [index, sample] of samples.entries()) rows.push(await rowOf(sample, index, embed));
  const features = rows[0]?.length ?? 0;
  const embeddings = new Float32Array(rows.length * features);
  for (const [index, row] of rows.entries()) {
    if (row.length !== features) throw refused(index, `its embedding has ${row.length} numbers, that of the first one ${features}`);
    embeddings.set(row, index * features);
  }
  return { embeddings, classes, bursts, labels: [...labels], settings };
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

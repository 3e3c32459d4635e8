// What is wrong with the samples, said before anybody trusts a number: from counts, bursts, embeddings and validation.
//
// Every piece of advice names its measure, so that a person can judge it. Silence is no promise.

import { ENGLISH } from '../words/words.js';
import { crc32 } from '../files/crc32.js';
import { countSamples } from './project.js';

/**
 * @typedef {import('./project.js').Project} Project
 * @typedef {import('./project.js').Class} Class
 * @typedef {import('../words/words.js').Words} Words
 *
 * @typedef {'too-few-classes' | 'same-picture' | 'too-few-samples' | 'too-alike' | 'single-burst' | 'imbalance'} Code
 * @typedef {{ code: Code, classIds: string[], text: string }} Advice
 *
 * @typedef {object} Validation
 * @property {number[][]} confusion validation samples by true class (row) and predicted class (column), in class order
 *
 * @typedef {ReadonlyMap<string, Float32Array>} Embeddings by sample id
 */

export const FEW_SAMPLES = 10;
const ENOUGH_SAMPLES = 30;
export const IMBALANCE = 4;
/** Share of a class's validation samples that are taken for one other class. */
export const CONFUSION = 0.2;
// One mistake among three samples is a third of them, and says nothing.
const MISTAKES = 2;
/**
 * Cosine of the means of what the last layer gives for two classes. Of the furniture photos, 60 a class, no two classes had more than 0.86; two halves
 * of one class had 0.88 to 0.94 with 10 photos each and 0.90 to 0.98 with 30. Frames of one room are more alike than photos
 * from everywhere, hence nearer to the upper end.
 */
export const COSINE = 0.93;

/** @type {WeakMap<Float32Array, number>} */
const checksums = new WeakMap();

/**
 * @param {Project} project
 * @param {{ embeddings?: Embeddings, last?: number, validation?: Validation | null }} [known] last: numbers of the last layer, with which an
 *   embedding starts; validation is of this very project
 * @param {Words} [words]
 * @returns {Advice[]} most important first
 */
export function advise(project, { embeddings = new Map(), last, validation = null } = {}, words = ENGLISH) {
  return [
    ...adviseOnClasses(words, project),
    ...adviseOnSamePictures(words, project, embeddings),
    ...adviseOnFewSamples(words, project),
    ...(validation ? adviseOnConfusion(words, project, validation) : adviseOnLikeness(words, project, embeddings, last)),
    ...adviseOnBursts(words, project),
    ...adviseOnImbalance(words, project),
  ];
}

/**
 * @param {Words} words
 * @param {Project} project
 * @returns {Advice[]}
 */
function adviseOnClasses(words, { classes }) {
  if (classes.length >= 2) return [];
  return [{ code: 'too-few-classes', classIds: classes.map(({ id }) => id), text: words.say('advice.too-few-classes') }];
}

/**
 * @param {Words} words
 * @param {Project} project
 * @returns {Advice[]}
 */
function adviseOnFewSamples(words, project) {
  const counts = countSamples(project);
  const few = project.classes.filter(({ id }) => (counts.get(id) ?? 0) < FEW_SAMPLES);
  return few.map(({ id, label }) => {
    const [count, bounds] = [counts.get(id), { label, least: FEW_SAMPLES, better: ENOUGH_SAMPLES }];
    const text = count ? words.say('advice.too-few-samples', { count, ...bounds }) : words.say('advice.no-samples', bounds);
    return { code: 'too-few-samples', classIds: [id], text };
  });
}

/**
 * @param {Words} words
 * @param {Project} project
 * @returns {Advice[]}
 */
function adviseOnBursts(words, { classes, samples }) {
  return classes.flatMap(({ id, label }) => {
    const own = samples.filter(({ classId }) => classId === id);
    // A burst may have a frame or two in it by accident; a single sample is told of as too few.
    if (own.length < 2 || new Set(own.map(({ burst }) => burst)).size > 1) return [];
    const text = words.say('advice.single-burst', { label, count: own.length });
    return [{ code: /** @type {const} */ ('single-burst'), classIds: [id], text }];
  });
}

/**
 * @param {Words} words
 * @param {Project} project
 * @returns {Advice[]}
 */
function adviseOnImbalance(words, project) {
  const counts = countSamples(project);
  const bySize = project.classes
    .map(({ id, label }) => ({ id, label, count: counts.get(id) ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.count - b.count);
  const [least, most] = [bySize[0], bySize[bySize.length - 1]];
  if (!least || !most || most.count <= IMBALANCE * least.count) return [];
  const text = words.say('advice.imbalance', { most: most.label, count: most.count, least: least.label, few: least.count });
  return [{ code: 'imbalance', classIds: [most.id, least.id], text }];
}

/**
 * @param {Words} words
 * @param {Project} project
 * @param {Validation} validation
 * @returns {Advice[]} the worst pair first
 */
function adviseOnConfusion(words, { classes }, { confusion }) {
  const found = pairs(classes).flatMap(([a, b]) => {
    const both = [mistaken(confusion, a.index, b.index), mistaken(confusion, b.index, a.index)];
    const [worst] = both.filter(({ share, mistakes }) => share > CONFUSION && mistakes >= MISTAKES).sort((x, y) => y.share - x.share);
    if (!worst) return [];
    const [taken, as] = [classes[worst.truth], classes[worst.answer]];
    const text = words.say('advice.confused', { mistakes: worst.mistakes, count: worst.total, taken: taken?.label ?? '', as: as?.label ?? '' });
    return [{ measure: worst.share, advice: alike(a, b, text) }];
  });
  return worstFirst(found);
}

/**
 * @param {number[][]} confusion
 * @param {number} truth
 * @param {number} answer
 */
function mistaken(confusion, truth, answer) {
  const row = confusion[truth] ?? [];
  const [mistakes, total] = [row[answer] ?? 0, row.reduce((sum, count) => sum + count, 0)];
  return { truth, answer, mistakes, total, share: total ? mistakes / total : 0 };
}

/**
 * @param {Words} words
 * @param {Project} project
 * @param {Embeddings} embeddings
 * @param {number} [last]
 * @returns {Advice[]} the most alike pair first
 */
function adviseOnLikeness(words, project, embeddings, last) {
  const directions = meanDirections(project, embeddings, last);
  const found = pairs(project.classes).flatMap(([a, b]) => {
    const [directionA, directionB] = [directions.get(a.id), directions.get(b.id)];
    const likeness = directionA && directionB ? dot(directionA, directionB) : 0;
    if (likeness < COSINE) return [];
    const cosine = words.number(likeness, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
    const text = words.say('advice.look-alike', { a: a.label, b: b.label, cosine });
    return [{ measure: likeness, advice: alike(a, b, text) }];
  });
  return worstFirst(found);
}

/**
 * @param {Class} a
 * @param {Class} b
 * @param {string} text
 * @returns {Advice}
 */
function alike(a, b, text) {
  return { code: 'too-alike', classIds: [a.id, b.id], text };
}

/** @param {{ measure: number, advice: Advice }[]} found */
function worstFirst(found) {
  return found.sort((a, b) => b.measure - a.measure).map(({ advice }) => advice);
}

/**
 * @param {readonly Class[]} classes
 */
function pairs(classes) {
  const indexed = classes.map(({ id, label }, index) => ({ id, label, index }));
  return indexed.flatMap((a) => indexed.slice(a.index + 1).map((b) => /** @type {const} */ ([a, b])));
}

/**
 * @param {Project} project
 * @param {Embeddings} embeddings
 * @param {number} [last]
 * @returns {Map<string, Float64Array>} means of what the last layer gives, by class id, scaled to length 1
 */
function meanDirections({ samples }, embeddings, last = Infinity) {
  const sums = new Map();
  for (const { id, classId } of samples) {
    const embedding = embeddings.get(id);
    if (!embedding) continue;
    const sum = sums.get(classId) ?? new Float64Array(Math.min(last, embedding.length));
    sums.set(classId, sum);
    for (let at = 0; at < sum.length; at++) sum[at] += embedding[at] ?? 0;
  }
  for (const [classId, sum] of sums) {
    const length = Math.sqrt(dot(sum, sum)) || 1;
    sums.set(classId, sum.map((/** @type {number} */ value) => value / length));
  }
  return sums;
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function dot(a, b) {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += /** @type {number} */ (a[at]) * /** @type {number} */ (b[at]);
  return sum;
}

/**
 * The engine gives equal pictures equal bits, so the same picture is the same embedding.
 *
 * @param {Words} words
 * @param {Project} project
 * @param {Embeddings} embeddings
 * @returns {Advice[]}
 */
function adviseOnSamePictures(words, { classes, samples }, embeddings) {
  /** @type {Map<string, { classIds: string[], count: number, names: string[] }>} */
  const found = new Map();
  for (const group of groupsOfSame(samples, embeddings)) {
    const classIds = classes.map(({ id }) => id).filter((id) => group.some(({ classId }) => classId === id));
    if (classIds.length < 2) continue;
    const key = classIds.join();
    const same = found.get(key) ?? { classIds, count: 0, names: classIds.map((id) => group.find(({ classId }) => classId === id)?.name ?? '') };
    found.set(key, same);
    same.count++;
  }
  return [...found.values()].map(({ classIds, count, names }) => {
    const labels = classes.filter(({ id }) => classIds.includes(id)).map(({ label }) => words.say('advice.quoted', { label }));
    const where = { labels: words.list(labels), names: words.list(names) };
    const text = count === 1 ? words.say('advice.same-picture', where) : words.say('advice.same-pictures', { count, ...where });
    return { code: 'same-picture', classIds, text };
  });
}

/**
 * @param {Project['samples']} samples
 * @param {Embeddings} embeddings
 * @returns {Project['samples'][number][][]} samples with equal embeddings
 */
function groupsOfSame(samples, embeddings) {
  /** @type {Map<number, { embedding: Float32Array, group: Project['samples'][number][] }[]>} */
  const byChecksum = new Map();
  for (const sample of samples) {
    const embedding = embeddings.get(sample.id);
    if (!embedding) continue;
    const checksum = checksumOf(embedding);
    const near = byChecksum.get(checksum) ?? [];
    byChecksum.set(checksum, near);
    const same = near.find((other) => other.embedding.every((value, at) => value === embedding[at]));
    if (same) same.group.push(sample);
    else near.push({ embedding, group: [sample] });
  }
  return [...byChecksum.values()].flat().map(({ group }) => group);
}

/**
 * Embeddings never change, and are looked at after every frame of a burst.
 *
 * @param {Float32Array} embedding
 */
function checksumOf(embedding) {
  const known = checksums.get(embedding);
  if (known !== undefined) return known;
  const checksum = crc32(new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength));
  checksums.set(embedding, checksum);
  return checksum;
}

// A lesson with an engine and a store that a test plays, and a diary of what it told.

import { Failure } from '../../../pkg/engine/shared/failure.js';
import { Lesson } from '../../../pkg/teach/lesson.js';
import { addClass } from '../../../pkg/teach/project.js';
import { settled, takeClock } from './clock.mjs';
import { FakeBitmap } from './worker.mjs';

/** @typedef {import('../../../pkg/teach/project.js').Project} Project */

/**
 * @param {import('node:test').TestContext} t
 * @param {{ saved?: unknown, ahead?: number }} [options] saved: what the store has, or a rejected promise; ahead: how many pictures are best
 *   embedded at once
 */
export function openLesson(t, { saved = null, ahead = 1 } = {}) {
  const clock = takeClock(t);
  /** @type {string[]} */
  const told = [];
  /** @type {string[]} */
  const stored = [];
  /** @type {{ input: any, resolve: (taught: any) => void, reject: (error: unknown) => void }[]} */
  const fits = [];
  const trouble = { storage: /** @type {unknown} */ (null), /** for a picture of that content */ picture: '', /** until when one of that size takes */ slow: /** @type {Record<number, Promise<void>>} */ ({}) };
  /** @type {number[]} */
  const embedded = [];
  let frames = 0;
  const write = async (/** @type {string} */ what) => {
    stored.push(what);
    if (trouble.storage) throw trouble.storage;
  };
  const store = /** @type {any} */ ({
    load: async () => saved,
    save: (/** @type {Project} */ { samples }) => write(`save ${samples.length}`),
    putSample: (/** @type {string} */ _id, /** @type {Blob} */ _picture, /** @type {any} */ embedded) => write(`put ${embedded?.backbone}`),
    removeSamples: (/** @type {Iterable<string>} */ ids) => write(`remove ${[...ids].length}`),
    close: () => write('close'),
  });
  const engine = {
    ahead,
    // Its size, twice.
    embed: async (/** @type {Blob} */ picture) => {
      embedded.push(picture.size);
      await trouble.slow[picture.size];
      if (trouble.picture && trouble.picture === (await picture.text())) throw new Failure('corrupt-picture', 'it is cut off');
      return Float32Array.of(picture.size, picture.size);
    },
    sample: async () => ({ picture: new Blob(['x'.repeat(++frames)]), embedding: Float32Array.of(frames, frames) }),
    teach: (/** @type {any} */ input) => new Promise((resolve, reject) => void fits.push({ input, resolve, reject })),
  };
  const lesson = new Lesson({ engine, store, backbone: 'b1', last: 1 }, {
    onChange: () => told.push('change'),
    onFit: () => told.push('fit'),
    onFitFailed: () => told.push('fit failed'),
    onEpoch: () => told.push('epoch'),
    onTaught: (outcome) => told.push(`taught ${outcome?.labels ?? 'nothing'}`),
    onFailure: ({ code, message }, name) => told.push(`${code} ${name ?? ''}: ${message}`),
  });
  const classes = (/** @type {string[]} */ ...labels) => {
    lesson.begin(labels.reduce((/** @type {Project} */ project, label) => addClass(project, label), lesson.project));
    return lesson.project.classes.map(({ id }) => id);
  };
  /** Ends the fit that runs, with a head in which anybody can read what it learned. */
  const endFit = async () => {
    fits.shift()?.resolve({ model: new TextEncoder().encode('a head'), history: [], confusion: [[1, 0], [0, 1]] });
    await settled();
  };
  const grab = async () => /** @type {any} */ (new FakeBitmap());
  return { ...clock, lesson, embedded, told, stored, fits, trouble, classes, endFit, grab };
}

/** @param {...string} names each a file that is as large as its name */
export function files(...names) {
  return names.map((name) => new File([name], name));
}

/** @param {{ project: Project }} lesson */
export function names({ project }) {
  return project.samples.map(({ name }) => name);
}

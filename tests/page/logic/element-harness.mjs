// What stands behind the element's looks, over workers that the test plays: its model and its pictures, with a diary of what is
// shown and told. The view, and what moves on the stage, are names that are written down.

import { ModelSlot } from '../../../pkg/element/model-slot.js';
import { settled, takeClock } from './clock.mjs';
import { playWorkers } from './worker.mjs';

// Out of sight of the types: it leads to the camera, whose timers have the types of a browser, which those of Node replace here.
const { Intake } = await import(new URL('../../../pkg/element/intake.js', import.meta.url).href);

/**
 * An object that has every method, each of which is written down with the texts and numbers that it is given.
 *
 * @param {string[]} diary
 * @param {Record<string, unknown>} [known] what gives something
 * @returns {any}
 */
function recorder(diary, known = {}) {
  const record = (/** @type {string} */ name) => (/** @type {unknown[]} */ ...given) =>
    void diary.push([name, ...given.filter((each) => ['string', 'number'].includes(typeof each))].join(' '));
  return new Proxy(known, { get: (_, name) => (name in known ? Reflect.get(known, name) : record(String(name))) });
}

/**
 * @param {import('node:test').TestContext} t
 * @param {{ script?: import('./worker.mjs').Script, address?: string, compares?: boolean }} [options] address of the model to begin with
 */
export function openElement(t, { script, address = '', compares = false } = {}) {
  const clock = takeClock(t);
  const workers = playWorkers(script);
  /** @type {string[]} */
  const diary = [];
  const wishes = { address, compares };
  const view = recorder(diary, {
    topK: 3,
    addLine: (/** @type {string} */ name, /** @type {(answer: any) => void} */ onChoose) => {
      lines.set(name, onChoose);
      return { answer: () => diary.push(`row ${name}`), fail: (/** @type {any} */ { code }) => diary.push(`row ${name} ${code}`) };
    },
  });
  /** @type {Map<string, (answer: any) => void>} by name what happens when the person chooses that file again */
  const lines = new Map();
  const tell = (/** @type {string} */ what) => (/** @type {any[]} */ ...given) =>
    void diary.push([what, ...given.map((each) => each?.code ?? each?.name ?? each?.predictions?.[0]?.label ?? each)].join(' ').trim());
  const models = new ModelSlot({
    view,
    address: () => (wishes.address ? new URL(wishes.address) : null),
    compares: () => wishes.compares,
    onOpen: tell('open:'),
    onModel: ({ name }) => void diary.push(`model: ${name}`),
    onProgress: ({ stage }) => void diary.push(`progress: ${stage}`),
    onFailure: tell('model failed:'),
  });
  const intake = new Intake({
    view,
    live: recorder(diary, { playVideo: async ({ name = '' }) => void diary.push(`play ${name}`) }),
    models,
    base: () => 'https://page.example/',
    onBusy: tell('busy:'),
    onAnswer: tell('answer:'),
    onFailure: tell('failed:'),
  });
  t.after(() => models.disconnect());
  const connect = async () => {
    models.connect();
    await settled();
    return diary.splice(0);
  };
  /** What happened since this was asked last. */
  const happened = async () => {
    await settled();
    return diary.splice(0);
  };
  return { ...clock, workers, models, intake, lines, wishes, connect, happened, worker: () => /** @type {import('./worker.mjs').FakeWorker} */ (workers[workers.length - 1]) };
}

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
 * @param {string} [of] stands before what is written down
 * @returns {any}
 */
function recorder(diary, known = {}, of = '') {
  const record = (/** @type {string} */ name) => (/** @type {unknown[]} */ ...given) =>
    void diary.push([of + name, ...given.filter((each) => ['string', 'number'].includes(typeof each))].join(' '));
  return new Proxy(known, { get: (_, name) => (name in known ? Reflect.get(known, name) : record(String(name))) });
}

/**
 * @param {import('node:test').TestContext} t
 * @param {{ script?: import('./worker.mjs').Script, address?: string, compares?: boolean, heatmap?: boolean }} [options] address of the model
 *   to begin with; heatmap: it is shown
 */
export function openElement(t, { script, address = '', compares = false, heatmap = false } = {}) {
  const clock = takeClock(t);
  const workers = playWorkers(script);
  /** @type {string[]} */
  const diary = [];
  const wishes = { address, compares, topK: 3, heatmap };
  /** @type {{ picture: Blob, answer: any } | null} */
  let shown = null;
  const view = recorder(diary, {
    wishes,
    get unexplained() {
      return wishes.heatmap && shown && !shown.answer.heatmap ? shown : null;
    },
    showPicture: (/** @type {Blob} */ picture, /** @type {string} */ name, /** @type {any} */ answer) => {
      shown = { picture, answer };
      diary.push(`showPicture ${name}`);
    },
    explain: (/** @type {any} */ answer, /** @type {any} */ heatmap) => void diary.push(`explain ${answer === shown?.answer} ${heatmap?.label}`),
  });
  const add = (/** @type {string} */ name, /** @type {(answer: any) => void} */ onChoose) => {
    lines.set(name, onChoose);
    return { answer: () => diary.push(`row ${name}`), fail: (/** @type {any} */ { code }) => diary.push(`row ${name} ${code}`) };
  };
  /** @type {Map<string, (answer: any) => void>} by name what happens when the person chooses that file again */
  const lines = new Map();
  const tell = (/** @type {string} */ what) => (/** @type {any[]} */ ...given) =>
    void diary.push([what, ...given.map((each) => each?.code ?? each?.name ?? each?.predictions?.[0]?.label ?? each)].join(' ').trim());
  const events = recorder(diary, {
    answered: tell('answer:'),
    failed: (/** @type {any} */ error, /** @type {string} */ source, /** @type {string | undefined} */ name) => (source === 'model' ? tell('model failed:')(error, name) : tell('failed:')(error, source, name)),
    opened: ({ name = /** @type {string | null} */ ('') }) => void diary.push(`model: ${name}`),
    progressed: ({ stage = '' }) => void diary.push(`progress: ${stage}`),
  });
  const parts = { view, results: recorder(diary, { add }, 'results.'), notice: recorder(diary, {}, 'notice.'), events };
  const models = new ModelSlot({
    ...parts,
    loading: recorder(diary, {}, 'loading.'),
    address: () => (wishes.address ? new URL(wishes.address) : null),
    compares: () => wishes.compares,
    onOpen: tell('open:'),
    onModel: () => {},
  });
  const live = recorder(diary, { active: false, playVideo: async ({ name = '' }) => void diary.push(`play ${name}`) });
  const intake = new Intake({ ...parts, live, models, base: () => 'https://page.example/', onBusy: tell('busy:') });
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
  return { ...clock, workers, models, intake, live, lines, wishes, connect, happened, worker: () => /** @type {import('./worker.mjs').FakeWorker} */ (workers[workers.length - 1]) };
}

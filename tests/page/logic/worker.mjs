// A worker that a test plays: it keeps what it is asked and replies what the test wants, in the messages of
// `pkg/engine/worker/worker.js`. With it the page's whole side runs in Node: `client.js` and everything that asks it.

import assert from 'node:assert/strict';
import { Client } from '../../../pkg/engine/page/client.js';
import { setWorker } from '../../../pkg/engine/page/spawn.js';
import { takeClock } from './clock.mjs';

/**
 * @typedef {import('../../../pkg/engine/worker/worker.js').Reply} Reply
 * @typedef {import('../../../pkg/engine/worker/worker.js').Request} Request
 * @typedef {{ [Kind in Request['kind'] | 'prepare']?: (request: any, worker: FakeWorker) => Reply | undefined }} Script what it replies
 *   by itself; to all else the test replies
 */

/** An engine that compiles to nothing, to be handed from worker to worker. */
export const MODULE = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));

/** What a worker says of any model that it opens. */
export const MODEL = /** @type {any} */ ({ labels: ['bed', 'sofa', 'table'], info: { layers: [2, 1], input: { fit: 'crop' } } });

/** @type {Script} */
const ORDINARY = { start: () => ({ value: MODULE }), open: () => ({ value: MODEL }), close: () => ({ value: undefined }) };

/** What a page makes of a frame; `gone` once it was transferred or closed, as a browser has it. */
export class FakeBitmap {
  width = 4;
  height = 3;
  /** @type {'' | 'closed' | 'transferred'} */
  gone = '';

  close() {
    this.gone ||= 'closed';
  }
}

export class FakePixels {}

/** Has the interface of a `Worker`. */
export class FakeWorker {
  /** @type {((event: { data: Reply }) => void) | null} */
  onmessage = null;
  /** @type {any[]} every request, oldest first */
  asked = [];
  terminated = false;
  /** @type {Map<string, () => void>} */
  #listeners = new Map();
  #script;

  /**
   * @param {unknown} [script] a `Script`, or the address of a script, where the page looks whether workers have modules
   * @param {WorkerOptions} [options]
   */
  constructor(script, options) {
    this.#script = /** @type {Script} */ (typeof script === 'object' ? script : {});
    assert.notEqual(options?.type, 'classic');
  }

  /**
   * @param {any} request
   * @param {unknown[]} [transferred]
   */
  postMessage(request, transferred = []) {
    const { frame, ...rest } = request;
    // A browser would throw where something in it cannot be copied.
    structuredClone(rest);
    assert.ok(!(frame instanceof FakeBitmap) || (transferred.includes(frame) && !frame.gone), 'a frame is transferred, and only once');
    if (frame instanceof FakeBitmap) frame.gone = 'transferred';
    this.asked.push(request);
    const reply = this.#script[/** @type {Request['kind']} */ (request.kind)]?.(request, this);
    if (reply) queueMicrotask(() => this.terminated || this.say(reply));
  }

  /** @param {Reply} reply also of a worker that was ended: what was under way then */
  say(reply) {
    this.onmessage?.({ data: reply });
  }

  /** @param {unknown} value */
  answer(value) {
    this.say({ value });
  }

  /**
   * @param {string} code
   * @param {{ message?: string, crashed?: boolean }} [options]
   */
  refuse(code, { message = `refused: ${code}`, crashed = false } = {}) {
    this.say({ trouble: { code, message, crashed } });
  }

  crash() {
    this.refuse('engine-crashed', { message: 'the classifier crashed (unreachable) and was started again', crashed: true });
  }

  /**
   * @param {string} type
   * @param {() => void} listener
   */
  addEventListener(type, listener) {
    this.#listeners.set(type, listener);
  }

  /** @param {'error' | 'messageerror'} type */
  fail(type) {
    this.#listeners.get(type)?.();
  }

  terminate() {
    this.terminated = true;
  }

  /** The kinds of what it was asked, oldest first. */
  get kinds() {
    return this.asked.map(({ kind }) => kind).join(' ');
  }
}

/** @type {Record<string, unknown>} */
const browser = { Worker: FakeWorker, ImageBitmap: FakeBitmap, ImageData: FakePixels };
Object.assign(globalThis, browser);
haveMachine({ cores: 1 });

/**
 * On how large a machine the page is from now on; on one with one core, one worker does everything.
 *
 * @param {{ cores?: number, memory?: number }} machine
 */
export function haveMachine({ cores, memory }) {
  Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: cores, deviceMemory: memory }, configurable: true });
}

/**
 * Has every worker from now on played by a script, where the ordinary one is not enough.
 *
 * @param {Script} [script]
 */
export function playWorkers(script = {}) {
  /** @type {FakeWorker[]} */
  const workers = [];
  setWorker(() => {
    const worker = new FakeWorker({ ...ORDINARY, ...script });
    workers.push(worker);
    return /** @type {any} */ (worker);
  });
  return workers;
}

/**
 * A client of its own, the workers that it starts, and the clock by which they are taken for dead.
 *
 * @param {import('node:test').TestContext} t
 * @param {Script} [script]
 */
export function openClient(t, script) {
  const workers = playWorkers(script);
  return { ...takeClock(t), client: new Client(), workers, worker: () => /** @type {FakeWorker} */ (workers[workers.length - 1]) };
}

/**
 * A client with a session that has its model open.
 *
 * @param {import('node:test').TestContext} t
 * @param {Script} [script]
 */
export async function openSession(t, script) {
  const opened = openClient(t, script);
  const session = opened.client.openSession();
  await session.openModel(null);
  return { ...opened, session };
}

/** A frame, as a browser's functions take it. */
export function frame() {
  const bitmap = new FakeBitmap();
  return { bitmap, frame: /** @type {ImageBitmap} */ (/** @type {unknown} */ (bitmap)) };
}

/** @param {string} [text] its content */
export function picture(text = 'a picture') {
  return new Blob([text]);
}

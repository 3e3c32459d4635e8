// When to fit: soon after the samples have changed, one fit at a time, and always once more with what came in meanwhile.

// Long enough that a hand that captures for two classes in turn is not fitted in between, short enough to feel live.
const PAUSE_MILLIS = 250;

/**
 * @template Lesson, Outcome
 * @typedef {object} Listeners
 * @property {(lesson: Lesson) => Promise<Outcome>} fit
 * @property {(outcome: Outcome) => void} onDone
 * @property {(error: unknown) => void} onFailure
 */

/** @template Lesson, Outcome */
export class Trainer {
  #listeners;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #busy = false;
  #requests = 0;
  /** @type {Lesson | null} */
  #next = null;

  /** @param {Listeners<Lesson, Outcome>} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** @param {Lesson | null} lesson takes the place of the one that waits; null where there is nothing to fit any more */
  request(lesson) {
    this.#requests++;
    this.#next = lesson;
    clearTimeout(this.#timer);
    if (lesson) this.#timer = setTimeout(() => this.#work(), PAUSE_MILLIS);
  }

  async #work() {
    const lesson = this.#next;
    if (this.#busy || !lesson) return;
    const request = this.#requests;
    this.#busy = true;
    this.#next = null;
    try {
      const outcome = await this.#listeners.fit(lesson);
      // A lesson that has been overtaken would show a head of samples that are gone.
      if (request === this.#requests) this.#listeners.onDone(outcome);
    } catch (error) {
      this.#listeners.onFailure(error);
    }
    this.#busy = false;
    this.#work();
  }
}

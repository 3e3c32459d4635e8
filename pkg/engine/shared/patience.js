// Notices that a worker has fallen silent: an endless loop, a request that hangs, or a process that the system has ended, of
// which no browser tells the page. Also a server that accepts a connection and sends nothing.

// The slowest phone answers to the largest picture in a few seconds, and the slowest network brings something more often.
export const SECONDS = 30;

/** Runs out when nothing was heard for a while. */
export class Patience {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #left = 0;

  /** @param {() => void} onSilence */
  begin(onSilence) {
    clearInterval(this.#timer);
    this.#left = SECONDS;
    // Ticks and no clock: a device that sleeps, or a tab that is frozen, has none, and its worker stands still as well.
    this.#timer = setInterval(() => {
      if (--this.#left > 0) return;
      this.end();
      onSilence();
    }, 1000);
  }

  /** Something was heard. */
  renew() {
    this.#left = SECONDS;
  }

  end() {
    clearInterval(this.#timer);
  }
}

// What can go wrong outside the engine, in the engine's own shape: a stable code, and a message with a remedy.

/** An error with a kebab-case `code` that pages and tests compare. */
export class Failure extends Error {
  /**
   * @param {string} code
   * @param {string} message what happened and what to do about it
   */
  constructor(code, message) {
    super(message);
    this.name = 'Failure';
    this.code = code;
  }

  /**
   * Any thrown value as a Failure, so that whoever reports one always has a code.
   *
   * @param {unknown} error
   */
  static from(error) {
    if (error instanceof Failure) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new Failure('unexpected', message);
  }
}

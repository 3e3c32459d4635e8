// Hold to capture: a button that is pressed for as long as samples are to be taken, with finger, mouse, pen or key.

// Screen readers and switches click without ever holding: they get about this much.
const CLICK_MILLIS = 1000;

/** Turns a button into one that is held. */
export class Hold {
  #button;
  #onStart;
  #onStop;
  #held = false;
  #stop = () => this.#end();

  /**
   * @param {HTMLButtonElement} button
   * @param {{ onStart: () => void, onStop: () => void }} listeners
   */
  constructor(button, { onStart, onStop }) {
    this.#button = button;
    this.#onStart = onStart;
    this.#onStop = onStop;
    button.addEventListener('pointerdown', (event) => this.#press(event));
    button.addEventListener('keydown', (event) => isKey(event) && (event.preventDefault(), this.#begin()));
    // Both are prevented, so that keys make no clicks: Firefox makes them when a key is let go.
    button.addEventListener('keyup', (event) => isKey(event) && (event.preventDefault(), this.#end()));
    button.addEventListener('click', (event) => this.#click(event));
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur']) {
      button.addEventListener(end, this.#stop);
    }
    // A long touch would open a menu over the picture.
    button.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    // A finger that slides off the button still holds it.
    this.#button.setPointerCapture(event.pointerId);
    this.#begin();
  }

  /** @param {MouseEvent} event */
  #click({ detail }) {
    // The click of a pointer, which has been a press already, counts at least one.
    if (detail > 0) return;
    this.#begin();
    setTimeout(this.#stop, CLICK_MILLIS);
  }

  #begin() {
    if (this.#held || this.#button.disabled) return;
    this.#held = true;
    document.addEventListener('visibilitychange', this.#stop);
    this.#button.toggleAttribute('data-held', true);
    this.#onStart();
  }

  #end() {
    if (!this.#held) return;
    this.#held = false;
    document.removeEventListener('visibilitychange', this.#stop);
    this.#button.toggleAttribute('data-held', false);
    this.#onStop();
  }
}

/** @param {KeyboardEvent} event */
function isKey({ key }) {
  return key === ' ' || key === 'Enter';
}

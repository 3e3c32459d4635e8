// Why a browser gives no camera, and what a person can do.

import { Failure } from '../engine/shared/failure.js';

const DENIED = 'This page may not use the camera. Allow it next to the address bar or in the settings of your device, then start it again.';
const FORBIDDEN = 'The camera is switched off by the rules of this browser or page. A picture works without it.';
const FRAMED = 'This page is embedded in another one that does not let it use the camera. That page has to put allow="camera" on the iframe. A picture works without it.';
const PERHAPS_FRAMED =
  'This page is embedded in another one, which has to let it use the camera: allow="camera" on the iframe. If it does, allow the camera next to the address bar, then start it again.';

/** By the name of what `getUserMedia` throws. */
const REFUSALS = /** @type {Record<string, [code: import('../engine/shared/failure.js').Code, message: string]>} */ ({
  SecurityError: ['camera-denied', FORBIDDEN],
  NotFoundError: ['camera-missing', 'No camera was found. Connect one and start it again, or choose a picture.'],
  OverconstrainedError: ['camera-missing', 'No camera fits. Connect another one and start it again, or choose a picture.'],
  NotReadableError: ['camera-in-use', 'The camera is in use. Close the other program or tab that shows it, then start it again.'],
  AbortError: ['camera-in-use', 'The camera did not start. Close other programs that use it, then start it again.'],
});

/**
 * @param {unknown} error what `getUserMedia` threw
 * @returns {Promise<Failure>}
 */
export async function explain(error) {
  // Not every browser makes all of them instances of Error.
  const { name } = Object(error);
  if (name === 'NotAllowedError') return explainForbidden();
  const refusal = REFUSALS[name];
  return refusal ? new Failure(...refusal) : new Failure('camera-failed', `The camera could not be started (${error}). Choose a picture instead.`);
}

/** The person has refused, or a policy, which for a frame is that of the page around it. Browsers report both alike. */
async function explainForbidden() {
  const framed = window.top !== window;
  const allowed = allowedByPolicy();
  if (allowed === false) return framed ? new Failure('camera-framed', FRAMED) : new Failure('camera-denied', FORBIDDEN);
  const unsure = allowed === null && framed && isForeign() && !(await canAsk());
  return unsure ? new Failure('camera-framed', PERHAPS_FRAMED) : new Failure('camera-denied', DENIED);
}

/** @returns {boolean | null} null where the browser does not say, as Firefox and Safari */
function allowedByPolicy() {
  const { permissionsPolicy, featurePolicy } = /** @type {{ [name: string]: { allowsFeature(name: string): boolean } | undefined }} */ (/** @type {unknown} */ (document));
  return (permissionsPolicy ?? featurePolicy)?.allowsFeature('camera') ?? null;
}

/** Whether the outermost page is of another origin, to which a frame has to be allowed the camera expressly. */
function isForeign() {
  try {
    return window.top?.location.origin !== self.origin;
  } catch {
    return true;
  }
}

/** Whether the person would be asked, and so has just said no. Where a policy forbids it, nobody is. */
function canAsk() {
  const name = /** @type {PermissionName} */ ('camera');
  return Promise.resolve(navigator.permissions?.query({ name })).then(
    (permission) => permission?.state === 'prompt',
    () => false,
  );
}

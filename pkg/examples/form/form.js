// What the element sees becomes the value of an ordinary field. The browser's own validation holds the form back until there is
// a picture, and a class that the classifier is sure of or the person chose.

import './mobilenet-web/element/define.js';

const FIRST = 'Choose a picture first.';
const UNSURE = 'Not sure what this is: please choose.';

const classifier = /** @type {import('./mobilenet-web/element/define.js').MobilenetClassifier} */ (document.querySelector('mobilenet-classifier'));
const furniture = /** @type {HTMLSelectElement} */ (document.querySelector('#furniture'));
const certainty = /** @type {HTMLInputElement} */ (document.querySelector('[name=certainty]'));
const advice = /** @type {HTMLElement} */ (document.querySelector('#advice'));

let pictured = false;
let chosen = false;

/**
 * @param {string} value of the field
 * @param {string} objection '' for none
 * @param {string} words said beside the field
 */
function fill(value, objection, words = objection) {
  furniture.value = value;
  furniture.setCustomValidity(objection);
  // Live frames say the same over and over, which nobody wants read out.
  if (advice.textContent !== words) advice.textContent = words;
}

classifier.addEventListener('model-opened', () => {
  pictured = false;
  furniture.length = 1;
  for (const label of classifier.model?.labels ?? []) furniture.add(new Option(label));
  fill('', FIRST);
});

classifier.addEventListener('classified', (event) => {
  const { predictions, rejected, source } = /** @type {CustomEvent} */ (event).detail;
  // What the person chose stays, whatever further frames of the same look show.
  if (chosen && (source === 'camera' || source === 'video')) return;
  const [best] = predictions;
  const sure = best && !rejected && best.probability >= classifier.threshold;
  pictured = true;
  chosen = false;
  certainty.value = sure ? String(best.probability) : '';
  if (sure) fill(best.label, '', 'Recognized in your picture. Correct it where it is wrong.');
  else fill('', UNSURE);
});

furniture.addEventListener('change', () => {
  chosen = true;
  certainty.value = '';
  if (!pictured) fill(furniture.value, FIRST);
  else fill(furniture.value, furniture.value ? '' : UNSURE);
});

fill('', FIRST);

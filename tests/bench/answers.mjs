// Whether the engines answer alike. A fast wrong answer is worth nothing, so an engine that differs fails the run.

import { indexOfLargest } from './statistics.mjs';

/** @typedef {import('./chromium.mjs').Answer} Answer */

/** A picture is clear where ours is this sure: what resizing and rounding differently can do stays below it. */
const CLEAR = 0.9;

/**
 * How far a probability may be from ours on the very same input. The other runtimes are within 0.001 of ours with the int8 files and
 * 0.0002 with the float files; red and blue swapped move one by 0.17, half the contrast by 0.017, and neither changes a class.
 */
const TOLERANCE = 0.005;

/**
 * The likeliest class, none where something is no number.
 *
 * @param {(number | null | undefined)[]} probabilities
 */
function top(probabilities) {
  const numbers = /** @type {number[]} */ (probabilities);
  return numbers.every(Number.isFinite) ? indexOfLargest(numbers) : -1;
}

/**
 * The pictures that an engine gets wrong, and how far its probabilities are from ours at the most.
 *
 * @param {Answer[]} ours one a picture
 * @param {Answer[]} theirs
 */
export function compare(ours, theirs) {
  /** @type {number[]} */
  const wrong = [];
  let largest = 0;
  for (const [at, { picture, input }] of ours.entries()) {
    const other = /** @type {Answer} */ (theirs[at]);
    const length = Math.max(input.length, other.input.length);
    const differences = Array.from({ length }, (_, label) => Math.abs((input[label] ?? NaN) - (other.input[label] ?? NaN)));
    const difference = Math.max(...differences);
    const sameClass = Math.max(...picture) < CLEAR || top(other.picture) === top(picture);
    if (!(sameClass && difference <= TOLERANCE)) wrong.push(at);
    largest = Math.max(largest, difference);
  }
  return { wrong, difference: largest };
}

/**
 * @param {Answer[]} answers
 * @param {string[]} labels
 */
export function topLabels(answers, labels) {
  return answers.map(({ picture }) => labels[top(picture)] ?? 'no answer');
}

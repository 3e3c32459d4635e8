// The recipe as a project keeps it: only what a person chose, in the words and the ranges of `src/core/fit/recipe.rs`.
//
// The engine checks the same again. Here it is checked so that a project file is refused when it is opened, not when
// somebody has captured for half an hour and then presses the button.

import { Failure } from '../engine/shared/failure.js';

/**
 * What is missing has the engine's default.
 *
 * @typedef {object} Recipe
 * @property {'auto' | 'last' | 'tail'} [features]
 * @property {number} [seed]
 * @property {number} [dropout]
 * @property {number} [learning_rate]
 * @property {'constant' | 'cosine' | 'plateau'} [schedule]
 * @property {number} [weight_decay]
 * @property {number} [label_smoothing]
 * @property {'none' | 'balanced'} [class_weights]
 * @property {number} [batch]
 * @property {number} [epochs]
 * @property {number} [patience]
 *
 * @typedef {{ allows: (value: unknown) => boolean, range: string }} Rule
 */

const SEED_LIMIT = 2 ** 32;
const EPOCH_LIMIT = 10_000;

/** @type {Rule} */
const COUNT = { allows: (value) => integer(value) && value >= 1 && value < SEED_LIMIT, range: 'a whole number from 1 on' };

/** @type {Rule} */
export const SHARE = { allows: (value) => number(value) && value >= 0 && value < 1, range: 'a number from 0 to below 1' };

const RULES = /** @type {Record<keyof Recipe, Rule>} */ ({
  features: oneOf('auto', 'last', 'tail'),
  seed: { allows: (value) => integer(value) && value >= 0 && value < SEED_LIMIT, range: 'a whole number from 0 to 4294967295' },
  dropout: SHARE,
  learning_rate: { allows: (value) => number(value) && value > 0 && value <= 10, range: 'a number above 0, and 10 at most' },
  schedule: oneOf('constant', 'cosine', 'plateau'),
  weight_decay: { allows: (value) => number(value) && value >= 0, range: 'a number from 0 on' },
  label_smoothing: SHARE,
  class_weights: oneOf('none', 'balanced'),
  batch: COUNT,
  epochs: { allows: (value) => COUNT.allows(value) && Number(value) <= EPOCH_LIMIT, range: `a whole number from 1 to ${EPOCH_LIMIT}` },
  patience: COUNT,
});

/**
 * @param {unknown} recipe
 * @returns {Recipe} a copy
 * @throws {Failure} `bad-recipe`, naming the entry and its range
 */
export function checkedRecipe(recipe) {
  if (typeof recipe !== 'object' || recipe === null || Array.isArray(recipe)) {
    throw new Failure('bad-recipe', 'The recipe is no object: write it as {"seed": 1}.');
  }
  for (const [name, value] of Object.entries(recipe)) {
    if (!Object.keys(RULES).includes(name)) {
      throw new Failure('bad-recipe', `The recipe names “${name}”, which is unknown: take it out, or update the page.`);
    }
    check(`The ${name.replace('_', ' ')} of the recipe`, value, RULES[/** @type {keyof Recipe} */ (name)]);
  }
  return { ...recipe };
}

/**
 * @param {string} what
 * @param {unknown} value
 * @param {Rule} rule
 */
export function check(what, value, { allows, range }) {
  if (!allows(value)) throw new Failure('bad-recipe', `${what} is ${JSON.stringify(value)}: it has to be ${range}.`);
}

/**
 * @param {...string} words
 * @returns {Rule}
 */
function oneOf(...words) {
  return { allows: (value) => words.some((word) => word === value), range: words.join(' or ') };
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function number(value) {
  return Number.isFinite(value);
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function integer(value) {
  return Number.isInteger(value);
}

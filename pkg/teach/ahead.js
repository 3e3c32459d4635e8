// Begins a few things before they are wanted, where several workers share them, and gives what comes of them in order.

import { FEW } from '../engine/page/pool.js';

/**
 * @template Item
 * @template Value
 * @param {readonly Item[]} items
 * @param {() => number | undefined} most how many are best begun at once
 * @param {(item: Item) => Promise<Value>} begin
 * @returns {Generator<{ item: Item, outcome: Promise<Value> }, void>}
 */
export function* ahead(items, most, begin) {
  /** @type {Promise<Value>[]} */
  const begun = [];
  for (const [place, item] of items.entries()) {
    const room = items.length > FEW ? Math.max(1, most() ?? 1) : 1;
    for (const next of items.slice(place + begun.length, place + room)) {
      const outcome = begin(next);
      // Whoever stops before its turn is not told of it.
      outcome.catch(() => {});
      begun.push(outcome);
    }
    yield { item, outcome: /** @type {Promise<Value>} */ (begun.shift()) };
  }
}

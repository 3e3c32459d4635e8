// Numbers out of many timings. The tenth percentile is what engines are compared by: on a machine that others use too it repeats,
// while the median wanders with the neighbours.

/**
 * Linear between the two nearest, as most tools have it.
 *
 * @param {number[]} values
 * @param {number} share 0 to 1
 */
export function percentile(values, share) {
  if (values.length === 0) throw new Error('no values, so no percentile');
  const sorted = [...values].sort((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const below = /** @type {number} */ (sorted[Math.floor(at)]);
  const above = /** @type {number} */ (sorted[Math.ceil(at)]);
  return below + (above - below) * (at % 1);
}

/** @param {number[]} millis */
export function summary(millis) {
  return { p10: percentile(millis, 0.1), median: percentile(millis, 0.5), p90: percentile(millis, 0.9) };
}

/** @param {ArrayLike<number>} numbers */
export function indexOfLargest(numbers) {
  return Array.from(numbers).reduce((best, number, at) => (number > /** @type {number} */ (numbers[best]) ? at : best), 0);
}

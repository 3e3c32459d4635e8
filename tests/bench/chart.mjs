// The measured rows as a bar chart: a drawing that stands alone, follows the reader's light or dark scheme, and says in words what
// it shows for those who cannot see it.

import { name, number, ratio } from './table.mjs';

/** @typedef {import('./table.mjs').Row} Row */

const [LEFT, WIDTH, BAR, GAP, TOP] = [260, 760, 18, 8, 44];
// Bars end here, so that the words after the longest one still fit.
const FULL = WIDTH - LEFT - 130;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .head { font-weight: 600; font-size: 15px }
  rect { fill: #8c959f }
  .ours { fill: #0969da }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } rect { fill: #6e7681 } .ours { fill: #4493f8 } }`;

/** @param {string} text */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/**
 * @param {Row[]} rows ours first
 * @param {string} heading
 */
export function chart(rows, heading) {
  const timed = rows.filter((row) => typeof row.p10_ms === 'number');
  const [ours] = timed;
  const longest = Math.max(...timed.map((row) => row.p10_ms ?? 0));
  const sentences = timed.map((row) => `${name(row)}: ${number(row.p10_ms, 1)} ms`);
  const bars = timed.map((row, at) => {
    const y = TOP + at * (BAR + GAP);
    const width = number(((row.p10_ms ?? 0) / longest) * FULL, 1);
    const words = row === ours ? `${number(row.p10_ms, 1)} ms` : `${number(row.p10_ms, 1)} ms, ${ratio(row.p10_ms, ours?.p10_ms)} x`;
    return `  <text x="${LEFT - 10}" y="${y + 14}" text-anchor="end">${escape(name(row))}</text>
  <rect${row.lanes ? ' class="ours"' : ''} x="${LEFT}" y="${y}" width="${width}" height="${BAR}"/>
  <text x="${(LEFT + Number(width) + 8).toFixed(1)}" y="${y + 14}">${words}</text>`;
  });
  const height = TOP + timed.length * (BAR + GAP) + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
  <title id="title">${escape(heading)}</title>
  <desc id="desc">${escape(sentences.join('; '))}.</desc>
  <style>${STYLE}
  </style>
  <text class="head" x="10" y="24">${escape(heading)}</text>
${bars.join('\n')}
</svg>
`;
}

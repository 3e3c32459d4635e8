// Brings the figures of the README and of the model cards into www/docs/figures.html: `node tests/bench/figures.mjs`. A figure
// has one place where it is written; there it is repeated, between marks that name the file and the section. A test compares.

import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'www/docs/figures.html';
const MARKED = /( *)<!-- (?<file>\S+\.md): (?<section>.+?) -->\n[\s\S]*?<!-- end -->/g;

/**
 * @param {string} page
 * @param {(file: string) => string} read
 * @returns {string} with everything between marks anew
 */
export function refresh(page, read = (file) => readFileSync(file, 'utf8')) {
  return page.replace(MARKED, (_, indent, file, section) => {
    const lines = html(sectionOf(read(file), file, section), section);
    return [`<!-- ${file}: ${section} -->`, ...lines, '<!-- end -->'].map((line) => indent + line).join('\n');
  });
}

/**
 * What stands below a heading, or below a paragraph that begins in bold letters, up to the next heading of any kind.
 *
 * @param {string} markdown
 * @param {string} file
 * @param {string} section
 */
function sectionOf(markdown, file, section) {
  const lines = markdown.split('\n');
  const at = lines.findIndex((line) => /^#+ (.+)$/.exec(line)?.[1] === section);
  const bold = lines.findIndex((line) => line.startsWith(`**${section}**`));
  const begin = at >= 0 ? at + 1 : bold;
  if (begin < 0) throw new Error(`${file} has no section "${section}"`);
  const length = lines.slice(begin + 1).findIndex((line) => line.startsWith('#') || (at < 0 && line.startsWith('**')));
  return lines.slice(begin, length < 0 ? undefined : begin + 1 + length).join('\n');
}

/**
 * As much of Markdown as these sections have: paragraphs, tables and pictures; no program texts.
 *
 * @param {string} markdown
 * @param {string} section what its tables are called
 */
function html(markdown, section) {
  const blocks = markdown.replace(/^<!--.*-->$/gm, '').replace(/^```[\s\S]*?^```$/gm, '').split(/\n{2,}/).map((block) => block.trim());
  return blocks.filter(Boolean).flatMap((block) => {
    if (block.startsWith('|')) return table(block.split('\n').map(cellsOf), section);
    const [, alt, source] = /^!\[(.*)\]\(www\/docs\/(.+)\)$/.exec(block) ?? [];
    if (alt && source) return [`<p><img src="${source}" alt="${escape(alt)}"></p>`];
    return [`<p>${inline(block.replaceAll('\n', ' '))}</p>`];
  });
}

/**
 * @param {string[][]} lines the second one is the rule
 * @param {string} section
 */
function table([head = [], , ...rows], section) {
  const ofNumbers = head.map((_, at) => rows.every((cells) => /^[\d.,]*$/.test(cells[at] ?? '')));
  /** @type {(cells: string[], scopeOf: (at: number) => string) => string} */
  const row = (cells, scopeOf) => {
    const tags = cells.map((cell, at) => {
      const scope = cell && scopeOf(at);
      const style = ofNumbers[at] ? ' class="number"' : '';
      return scope ? `<th scope="${scope}"${style}>${inline(cell)}</th>` : `<td${style}>${inline(cell)}</td>`;
    });
    return `<tr>${tags.join('')}</tr>`;
  };
  const name = [section, head.find(Boolean)?.replaceAll('`', '')].filter(Boolean).join(': ');
  return [
    `<div class="wide" role="region" tabindex="0" aria-label="${escape(name)}"><table>`,
    ...(head.some(Boolean) ? [`<thead>${row(head, () => 'col')}</thead>`] : []),
    '<tbody>',
    ...rows.map((cells) => row(cells, (at) => (at === 0 ? 'row' : ''))),
    '</tbody>',
    '</table></div>',
  ];
}

/** @param {string} line */
function cellsOf(line) {
  return line.split('|').slice(1, -1).map((cell) => cell.trim());
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** @param {string} text */
function inline(text) {
  return escape(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}

/** Writes the page anew. */
export function publishFigures() {
  writeFileSync(PAGE, refresh(readFileSync(PAGE, 'utf8')));
}

if (process.argv[1] === import.meta.filename) publishFigures();

// What the documentation says of events is what the scripts send: the fields of each detail, and what a field may be.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** @param {string} path below the root of the project */
function source(path) {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function find(text, pattern) {
  const [, found] = pattern.exec(text) ?? [];
  assert.ok(found, `nothing is ${pattern}`);
  return found;
}

/**
 * @param {string} literal `a, b: 'x' | 'y', c`, or one of them a line
 */
function fieldsOf(literal) {
  return [...literal.matchAll(/(?:^|[,;\n])\s*(\w+)(?=\s*(?:[,;:\n]|$))/g)].map(([, name]) => name);
}

const EVENTS = source('pkg/element/events.js');
const STEP = find(source('pkg/engine/worker/onnx.js'), /@typedef \{\{ (.*?) \}\} Step /);
const SOURCE = find(source('pkg/element/pictures.js'), /@typedef \{(.*?)\} Source\b/);
const ORIGIN = find(EVENTS, /@typedef \{(.*?)\} Origin\b/);

/** @type {Record<string, (string | undefined)[]>} by event, as the scripts send it */
const DETAILS = {
  classified: fieldsOf(find(EVENTS, /'classified', \{ \.\.\.UP, detail: \{ (.*?) \}/)),
  'classifier-error': fieldsOf(find(EVENTS, /'classifier-error', \{ \.\.\.UP, detail: \{ (.*?) \}/)),
  'model-progress': fieldsOf(STEP),
  taught: fieldsOf(find(source('pkg/teach/teacher.js'), /const detail = \{\n(.*?)\n    \};/s)),
};

/** @type {[string, (event: string) => string][]} */
const PLACES = [
  ['api.html', (event) => find(source('www/docs/api.html'), new RegExp(`<dt><code>${event}</code></dt>\\s*<dd>(.*?)</dd>`))],
  ['the top of its script', (event) => find(source(event === 'taught' ? 'pkg/teach/teacher.js' : 'pkg/element/element.js'), new RegExp(`// (?:- )?[^\n]*\`${event}\`(.*?)\\n// ?(?:-|\\n)`, 's'))],
];

for (const [place, said] of PLACES) {
  for (const [event, fields] of Object.entries(DETAILS)) {
    test(`${place} names the fields of ${event}, and no others`, () => {
      const text = said(event);
      assert.deepEqual(fieldsOf(find(text, /\{ (.*?) \}/s).replace(/\n\/\/ */g, ' ')), fields, text);
    });
  }

  test(`${place} names the sources of an answer, and the stages of an ONNX file`, () => {
    const listed = (/** @type {string} */ text, /** @type {string} */ field) => find(text.replace(/<\/?code>|`/g, ''), new RegExp(`${field} is ([\\w, ]+)`)).split(/, | or /);
    const quoted = (/** @type {string} */ type) => [...type.matchAll(/'(\w+)'/g)].map(([, name]) => name);
    assert.deepEqual(listed(said('classified'), 'source').sort(), quoted(`${SOURCE} ${ORIGIN}`).sort());
    assert.deepEqual(listed(said('model-progress'), 'stage'), quoted(STEP));
  });
}

test('details without a name of their own are what the documentation says', () => {
  assert.match(EVENTS, /'model-opened', \{ \.\.\.UP, detail: model \}/);
  assert.match(EVENTS, /'camera-changed', \{ \.\.\.UP, detail: null \}/);
});

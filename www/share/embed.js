// The HTML that shows a model on another page of this site.

/**
 * @param {string} page address of this page
 * @param {string | null} file name of the saved model, null for the built-in one
 */
export function snippet(page, file) {
  const script = new URL('element/define.js', page).href;
  const head = file === null ? '' : ` head="${escaped(encodeURIComponent(file))}"`;
  return `<script type="module" src="${escaped(script)}"></script>\n<mobilenet-classifier${head}></mobilenet-classifier>`;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

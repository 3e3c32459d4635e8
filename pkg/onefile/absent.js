// In place of the glue of a wasm file that is too large for the page to carry.

export default async function init() {
  const message = 'This page is one file, which leaves this out to stay small. Open the page at its address on the web instead.';
  throw Object.assign(new Error(message), { code: 'not-in-one-file' });
}

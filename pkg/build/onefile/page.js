// The page as one file: what it carries is unpacked, then it starts as it does from a server.

import { isCarried, unpack } from './blocks.js';

const DAMAGED = 'This page did not arrive whole, or this browser is too old for it. Get the file again, and open it in Chrome 91, Firefox 114, Safari 16.4 or newer.';

try {
  await unpack();
  // Files share one storage in some browsers, and what one of them was taught is not another one's.
  document.querySelector('mobilenet-teacher')?.setAttribute('project', location.pathname);
  // They are what the model inside the wasm knows.
  document.querySelector('#samples')?.toggleAttribute('hidden', isCarried('model'));
  await import('../../../www/main.js');
} catch (error) {
  const notice = Object.assign(document.createElement('p'), { textContent: DAMAGED });
  notice.setAttribute('role', 'alert');
  document.querySelector('main')?.prepend(notice);
  throw error;
}

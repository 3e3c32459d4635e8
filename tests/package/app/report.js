// What an app did, for the test to read: `globalThis.outcome`, or that of an element's frame, sent to the page around it.

export async function report(work) {
  const outcome = await work().catch((error) => ({ error: { name: error.name, code: error.code, message: error.message } }));
  globalThis.outcome = outcome;
  if (parent !== globalThis) parent.postMessage(outcome, '*');
}

export async function sofa() {
  return (await fetch(new URL('sofa.jpg', location.href))).blob();
}

/** How many style sheets an element has, once they are there; -1 for one that did not come. */
export async function styles({ shadowRoot }) {
  while (shadowRoot.querySelector('div').hidden) await new Promise((next) => setTimeout(next, 20));
  const links = [...shadowRoot.querySelectorAll('link')];
  return links.every(({ sheet }) => sheet) ? links.length : -1;
}

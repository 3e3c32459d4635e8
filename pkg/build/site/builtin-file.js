// The model that `mobilenet site` or `mobilenet serve` put beside the page.

const ADDRESS = new URL('../../model.safetensors', import.meta.url);

/** @returns {Promise<Uint8Array | null>} its file */
export async function builtInFile() {
  const response = await fetch(ADDRESS).catch(() => null);
  if (response?.ok) return new Uint8Array(await response.arrayBuffer());
  const reason = response ? `the server answered ${response.status}` : 'the network is unreachable';
  throw Object.assign(new Error(`The model of this page could not be fetched (${reason}). Try again, or reload the page.`), { code: 'load-failed' });
}

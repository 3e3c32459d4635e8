// The language of the page: the one in its address (`?lang=de`), or the one that was chosen here before, or the first of the
// browser's, of those that are there; else English. To be imported before any element is defined: those follow the document's language.

import { LANGUAGES, languageFor, loadWords } from '../pkg/words/words.js';
import { Writer } from '../pkg/words/writer.js';

const KEY = 'mobilenet-web language';

/** Writes the page. */
export const writer = new Writer(document.documentElement);

const [first = LANGUAGES[0]] = [asked(), chosen(), ...navigator.languages].flatMap((wish) => languageFor(wish) ?? []);
change(first.lang).finally(() => document.documentElement.removeAttribute('data-wording'));

function asked() {
  return new URLSearchParams(location.search).get('lang') ?? '';
}

function chosen() {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    // Where nothing may be kept, nothing was.
    return '';
  }
}

/** @param {string} lang one that is there */
async function change(lang) {
  // At once, so that no element begins in another language; the words follow.
  document.documentElement.lang = lang;
  const words = await loadWords(lang);
  if (document.documentElement.lang === lang) writer.setWords(words);
}

/**
 * Offers every language by the name that its speakers give it.
 *
 * @param {HTMLSelectElement} choice
 */
export function offerLanguages(choice) {
  choice.replaceChildren(...LANGUAGES.map(({ lang, name }) => Object.assign(new Option(name, lang, false, lang === first.lang), { lang })));
  choice.addEventListener('change', async () => {
    keep(choice.value);
    await change(choice.value);
    // It may be English still, where no other can be fetched.
    choice.value = writer.words.lang;
  });
}

/** @param {string} lang */
function keep(lang) {
  const address = new URL(location.href);
  // What is in the address would win again.
  address.searchParams.delete('lang');
  history.replaceState(null, '', address);
  try {
    localStorage.setItem(KEY, lang);
  } catch {
    // It holds as long as the page.
  }
}

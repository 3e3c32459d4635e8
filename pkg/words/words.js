// The words of page, element and teacher in one language, with numbers, plurals and lists as that language writes them.
//
// English is built in, so that there is always something to say. Every other language is a module of its own, fetched when
// somebody needs it; each is named in full below, so that bundlers find it. The keys and the values of messages are typed by
// the English dictionary: `tsc` finds a key that is not there, a value that was forgotten, and a language that lacks a message.

import en from './en.js';

/**
 * @typedef {typeof en} English
 * @typedef {keyof English} Key
 * @typedef {{ readonly [Category in Intl.LDMLPluralRule]?: string } & { readonly other: string }} Forms
 * @typedef {{ readonly [K in Key]: English[K] extends string ? string : Forms }} Dictionary
 *
 * @typedef {object} Language
 * @property {string} lang
 * @property {string} name what its speakers call it
 * @property {'rtl'} [dir]
 * @property {() => Promise<{ default: Dictionary }>} load
 */

/**
 * @template T
 * @typedef {T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never} Names of the values in a message
 */

/**
 * @template {Key} K
 * @typedef {Names<English[K] extends string ? English[K] : English[K][keyof English[K]]>} NamesOf
 */

/** @type {readonly [Language, ...Language[]]} the built-in one first */
export const LANGUAGES = [
  { lang: 'en', name: 'English', load: async () => ({ default: en }) },
  { lang: 'de', name: 'Deutsch', load: () => import('./de.js') },
  { lang: 'es', name: 'Español', load: () => import('./es.js') },
  { lang: 'fr', name: 'Français', load: () => import('./fr.js') },
  { lang: 'pt', name: 'Português', load: () => import('./pt.js') },
  { lang: 'ar', name: 'العربية', dir: 'rtl', load: () => import('./ar.js') },
  { lang: 'hi', name: 'हिन्दी', load: () => import('./hi.js') },
  { lang: 'ja', name: '日本語', load: () => import('./ja.js') },
  { lang: 'zh-Hans', name: '简体中文', load: () => import('./zh.js') },
];

// What keeps a name of another direction from turning its neighbours round (UAX 9).
const [LEFT_TO_RIGHT, BY_FIRST_LETTER, END] = ['\u2066', '\u2068', '\u2069'];
const ISOLATED = /^[\u2066-\u2068][^\u2066-\u2069]*\u2069$/;
// Embeddings and overrides, which no name needs, and which show it otherwise than it is.
const OVERRIDES = /[\u202a-\u202e]/g;
const ISOLATES = /[\u2066-\u2069]/g;
// Letters and marks that run from right to left.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** @type {readonly ('model.unnamed' | 'model.linked' | 'model.taught')[]} */
const UNNAMED = ['model.unnamed', 'model.linked', 'model.taught'];

/** One language. */
export class Words {
  #dictionary;
  #plurals;
  #numbers;
  #percents;
  #lists;

  /**
   * @param {Language} language
   * @param {Dictionary} dictionary
   */
  constructor({ lang, dir }, dictionary) {
    this.lang = lang;
    this.dir = dir ?? 'ltr';
    this.#dictionary = dictionary;
    this.#plurals = new Intl.PluralRules(lang);
    this.#numbers = new Intl.NumberFormat(lang);
    this.#percents = new Intl.NumberFormat(lang, { style: 'percent' });
    // Without the comma that American English has before the last of a list.
    this.#lists = new Intl.ListFormat(lang === 'en' ? 'en-GB' : lang);
  }

  /**
   * @template {Key} K
   * @param {K} key
   * @param {[NamesOf<K>] extends [never] ? [] : [values: Record<NamesOf<K>, string | number>]} values numbers are formatted;
   *   `count` chooses the plural
   * @returns {string}
   */
  say(key, ...[values]) {
    const message = /** @type {string | Forms} */ (this.#dictionary[key]);
    const given = /** @type {Record<string, string | number>} */ (values ?? {});
    const text = typeof message === 'string' ? message : (message[this.#plurals.select(Number(given.count))] ?? message.other);
    return text.replace(/\{(\w+)\}/g, (_, name) => this.#valueOf(given[name] ?? ''));
  }

  /** @param {string | number} value */
  #valueOf(value) {
    return typeof value === 'number' ? this.number(value) : this.isolate(value);
  }

  /**
   * A name as it is, which turns nothing around it where it runs in another direction, or tries to by what it holds.
   *
   * @param {string} text
   * @param {string} [mark]
   */
  isolate(text, mark = BY_FIRST_LETTER) {
    const plain = withoutOverrides(text);
    const runsAlike = this.dir === 'ltr' && !RIGHT_TO_LEFT.test(plain);
    return runsAlike || !plain || ISOLATED.test(plain) ? plain : mark + plain + END;
  }

  /**
   * @param {number} value
   * @param {Intl.NumberFormatOptions} [options]
   */
  number(value, options) {
    return (options ? new Intl.NumberFormat(this.lang, options) : this.#numbers).format(value);
  }

  /**
   * Never claims 100 % or 0 %, which no classifier can know.
   *
   * @param {number} probability
   */
  percent(probability) {
    if (probability >= 0.995) return this.isolate(`> ${this.#percents.format(0.99)}`, LEFT_TO_RIGHT);
    if (probability < 0.005) return this.isolate(`< ${this.#percents.format(0.01)}`, LEFT_TO_RIGHT);
    return this.#percents.format(probability);
  }

  /**
   * “a, b and c”.
   *
   * @param {readonly string[]} items
   */
  list(items) {
    return this.#lists.format(items.map((item) => this.isolate(item)));
  }

  /**
   * “a, b, c”, for lists that may go on.
   *
   * @param {readonly string[]} items
   */
  series(items) {
    return items.map((item) => this.isolate(item)).join(this.#dictionary['list.separator']);
  }

  /**
   * What went wrong, in words for people. English knows the details; another language has a sentence for each code.
   *
   * @param {{ code: string, message: string }} failure
   * @param {string} [name] of the file that it is about
   * @returns {{ text: string, lang: string }} lang: of the text, which is English where the code is unknown
   */
  explain({ code, message }, name = '') {
    const key = `failure.${code}`;
    const known = this.lang !== 'en' && this.#has(key);
    const reason = known ? String(this.#dictionary[key]) : this.isolate(name ? message : sentence(message));
    const text = name ? this.say('notice.of-file', { name: this.nameOf(name), message: reason }) : reason;
    return { text, lang: known ? this.lang : 'en' };
  }

  /**
   * What a model without a file is called in events is English; here it is what one reads.
   *
   * @param {string} name
   */
  nameOf(name) {
    const key = UNNAMED.find((each) => en[each] === name);
    return key ? this.say(key) : name;
  }

  /** @param {string} code of a failure */
  title(code) {
    const key = `title.${code}`;
    return String(this.#dictionary[this.#has(key) ? key : 'title.unexpected']);
  }

  /**
   * @param {string} key
   * @returns {key is Key}
   */
  #has(key) {
    return key in this.#dictionary;
  }
}

/**
 * Isolates stay where each has its end, as those of ours have.
 *
 * @param {string} text
 */
function withoutOverrides(text) {
  const plain = text.replace(OVERRIDES, '');
  let depth = 0;
  let whole = true;
  for (const [mark] of plain.matchAll(ISOLATES)) {
    depth += mark === END ? -1 : 1;
    whole &&= depth >= 0;
  }
  return whole && depth === 0 ? plain : plain.replace(ISOLATES, '');
}

/**
 * What the engine says begins small and ends open, for it mostly follows the name of a file.
 *
 * @param {string} reason
 */
function sentence(reason) {
  return reason.charAt(0).toUpperCase() + reason.slice(1) + (/[.!?]$/.test(reason) ? '' : '.');
}

/** English, which is there at once. */
export const ENGLISH = new Words(LANGUAGES[0], en);

/** @type {Map<string, Promise<Words>>} by language */
const loaded = new Map([['en', Promise.resolve(ENGLISH)]]);

/**
 * The language that is there for a wish: `pt-BR` and `pt-PT` are answered with the one Portuguese.
 *
 * @param {string} wish a BCP 47 tag
 * @returns {Language | null}
 */
export function languageFor(wish) {
  const primary = (/** @type {string} */ tag) => tag.toLowerCase().split(/[-_]/)[0];
  return LANGUAGES.find(({ lang }) => primary(lang) === primary(wish)) ?? null;
}

/**
 * The words of the language that fits best; English where there is none, or where it cannot be fetched.
 *
 * @param {string} wish a BCP 47 tag
 * @returns {Promise<Words>}
 */
export function loadWords(wish) {
  const language = languageFor(wish) ?? LANGUAGES[0];
  const known = loaded.get(language.lang);
  if (known) return known;
  const words = language.load().then(
    ({ default: dictionary }) => new Words(language, dictionary),
    () => {
      // Whoever asks next tries again.
      loaded.delete(language.lang);
      return ENGLISH;
    },
  );
  loaded.set(language.lang, words);
  return words;
}

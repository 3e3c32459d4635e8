// Sharing the open model: as a link that holds it, as a file, for another runtime, as HTML for a page of one's own.
//
// Everything is made by the very code of `mobilenet share` and `mobilenet export`, in the worker. The link is made as soon as
// the panel is open, because browsers let a page copy and share only at once after a click.

import { save } from '../../pkg/files/export.js';
import { Failure } from '../../pkg/engine/shared/failure.js';
import { writeArchive } from '../../pkg/files/archive-writer.js';
import { Follower } from '../../pkg/words/follower.js';
import { ENGLISH } from '../../pkg/words/words.js';
import { copy } from './clipboard.js';
import { snippet } from './embed.js';
import { ShareView } from './view.js';

/**
 * @typedef {import('../../pkg/words/words.js').Words} Words
 * @typedef {import('../../pkg/engine/worker/worker.js').Exported} Exported
 * @typedef {import('../../pkg/engine/worker/worker.js').Format} Format
 * @typedef {import('../../pkg/engine/worker/worker.js').Precision} Precision
 *
 * @typedef {object} Sharer what it needs of a classifier, which tells of a new model by `model-opened`
 * @property {{ name: string | null, onnx?: import('../../pkg/engine/worker/onnx.js').Onnx } | null} model
 * @property {Pick<import('../../pkg/engine/page/session.js').Session, 'link' | 'file' | 'export'> | null} session
 */

const ENDING = '.safetensors';
const STYLE = new URL('./share.css', import.meta.url).href;

/** Fills a place of the page, which stays hidden until a model is open. */
export class SharePanel {
  #place;
  #classifier;
  #words = ENGLISH;
  #page;
  #view;
  #link = '';
  #requests = 0;
  /** That all is there that it needs. */
  ready = dress();

  /**
   * @param {object} options
   * @param {HTMLElement} options.place
   * @param {Sharer & EventTarget} options.classifier
   * @param {string} [options.page] the address that links begin with
   */
  constructor({ place, classifier, page = location.href.replace(/#.*/, '') }) {
    this.#place = place;
    this.#classifier = classifier;
    this.#page = page;
    this.#view = this.#draw();
    classifier.addEventListener('model-opened', () => this.#show());
    if (classifier.model) this.#show();
    new Follower(place, (words) => this.#say(words)).start();
  }

  /** @param {Words} words of another language */
  #say(words) {
    const { open } = this.#view.element;
    this.#words = words;
    this.#view = this.#draw();
    this.#view.element.open = open;
    if (this.#classifier.model) this.#show();
  }

  #draw() {
    const view = new ShareView(this.#words, { canSend: 'share' in navigator, isHosted: this.#page.startsWith('http') });
    view.element.addEventListener('toggle', () => this.#makeLink());
    view.copy.addEventListener('click', () => this.#link && this.#copy(view.link));
    view.copyEmbed.addEventListener('click', () => this.#copy(view.embed));
    view.send.addEventListener('click', () => this.#link && this.#send());
    view.save.addEventListener('click', () => this.#save());
    view.export.addEventListener('click', () => this.#export());
    this.#place.replaceChildren(view.element);
    return view;
  }

  #show() {
    const file = this.#classifier.model?.name === null ? null : this.#stem + ENDING;
    this.#view.embed.value = snippet(this.#page, file);
    this.#view.embedModel.textContent = file === null ? '' : this.#words.say('share.embed.model', { name: file });
    this.#view.say('');
    // A network that is run as it is has nothing of ours to share.
    this.#place.hidden = this.#classifier.model?.onnx?.kind === 'float';
    this.#makeLink();
  }

  /** Of file names: that of a model file, where it has one. */
  get #stem() {
    const name = this.#classifier.model?.name;
    return name?.endsWith(ENDING) ? name.slice(0, -ENDING.length) : 'model';
  }

  async #makeLink() {
    const [{ session }, view, request] = [this.#classifier, this.#view, ++this.#requests];
    this.#link = '';
    view.showLink(null);
    if (!view.element.open || !session) return;
    const made = await session.link().catch((error) => Failure.from(error));
    // Another model was opened meanwhile, or the panel was closed.
    if (request !== this.#requests) return;
    if (made instanceof Failure) return view.refuseLink(this.#words.explain(made).text);
    this.#link = `${this.#page}#${made}`;
    view.showLink(this.#link);
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement} field */
  async #copy(field) {
    this.#view.say(this.#words.say((await copy(field)) ? 'share.copied' : 'share.by-hand'));
  }

  async #send() {
    try {
      await navigator.share({ title: document.title, url: this.#link });
    } catch (error) {
      // The person closed what the device offered.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      await this.#copy(this.#view.link);
    }
  }

  #save() {
    return this.#keep(async (session) => ({ name: this.#stem + ENDING, content: await session.file() }));
  }

  #export() {
    const [format, precision] = /** @type {[Format, Precision]} */ (this.#view.runtime.value.split(' '));
    return this.#keep(async (session) => {
      const exported = await session.export({ stem: this.#stem, format, precision });
      return { ...(await downloadOf(exported)), about: exported.about };
    });
  }

  /** @param {(session: NonNullable<Sharer['session']>) => Promise<{ name: string, content: Blob, about?: string }>} make */
  async #keep(make) {
    const { session } = this.#classifier;
    if (!session) return;
    const [view, words] = [this.#view, this.#words];
    view.say(words.say('share.exporting'));
    try {
      const { name, content, about = '' } = await make(session);
      save(name, content);
      view.say(words.say('share.saved', { name }), about);
    } catch (error) {
      view.say(words.explain(Failure.from(error)).text);
    }
  }
}

/** @returns {Promise<unknown>} that the style sheet is there, or has failed */
function dress() {
  return new Promise((done) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: STYLE, onload: done, onerror: done }));
  });
}

/**
 * A file, or an archive of those that belong together.
 *
 * @param {Exported} exported
 */
async function downloadOf({ name, files }) {
  const entries = files.map((file) => ({ name: file.name, content: new Blob([new Uint8Array(file.bytes)]) }));
  const [only] = entries;
  if (only && entries.length === 1) return only;
  return { name: `${name}.zip`, content: await writeArchive(entries.map(({ name: entry, content }) => ({ name: `${name}/${entry}`, content }))) };
}

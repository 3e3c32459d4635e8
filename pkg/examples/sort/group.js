// A group of photos on the page: a heading, a button that keeps its list as CSV, and thumbnails.

const SIDE = 160;

export class Group {
  section = document.createElement('section');
  #count = document.createElement('span');
  #list = document.createElement('ul');
  #rows = ['file,answer'];

  /** @param {string} name */
  constructor(name) {
    const [header, heading, save] = [document.createElement('header'), document.createElement('h2'), document.createElement('button')];
    heading.append(`${name}: `, this.#count);
    save.textContent = 'Keep the list';
    save.setAttribute('aria-label', `Keep the list of ${name}`);
    save.addEventListener('click', () => download(`${name}.csv`, `${this.#rows.join('\r\n')}\r\n`));
    header.append(heading, save);
    this.section.append(header, this.#list);
    this.section.hidden = true;
  }

  /**
   * @param {File} photo
   * @param {string} words its answer
   */
  async add(photo, words) {
    const item = document.createElement('li');
    item.append(await thumbnail(photo), line(photo.name), line(words));
    this.#list.append(item);
    this.#rows.push([photo.webkitRelativePath || photo.name, words].map(cell).join(','));
    this.#count.textContent = String(this.#list.childElementCount);
    this.section.hidden = false;
  }
}

/**
 * A small picture of its own: hundreds of photos at full size would fill the memory.
 *
 * @param {File} photo
 */
async function thumbnail(photo) {
  const canvas = document.createElement('canvas');
  const small = await createImageBitmap(photo, { resizeHeight: SIDE, resizeQuality: 'medium' }).catch(() => null);
  canvas.width = small?.width ?? SIDE;
  canvas.height = SIDE;
  if (small) canvas.getContext('2d')?.drawImage(small, 0, 0);
  small?.close();
  return canvas;
}

/** @param {string} text which may be too long for its place */
function line(text) {
  return Object.assign(document.createElement('span'), { textContent: text, title: text });
}

/** @param {string} text quoted, and with an apostrophe before what a spreadsheet would take for a formula */
function cell(text) {
  return `"${text.replace(/^(?=[=+\-@\t\r])/, "'").replaceAll('"', '""')}"`;
}

/**
 * @param {string} name
 * @param {string} text
 */
function download(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  Object.assign(document.createElement('a'), { href, download: name }).click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

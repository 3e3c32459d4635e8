// A file that comes to an element: what kind it is, decided once, and how it is read when its turn comes.

import { Failure } from '../engine/shared/failure.js';

/**
 * @typedef {import('./pictures.js').Found} Found
 *
 * @typedef {object} Arriving
 * @property {File | Found} file
 * @property {string} name
 * @property {'picture' | 'video' | 'model'} kind model: it is one, or may belong to one
 * @property {(signal?: AbortSignal) => Promise<File>} read refuses a video
 */

/** A file that is none of these is taken for a picture, and is refused by the engine. */
const KINDS = /** @type {const} */ ([
  ['model', /\.safetensors$|\.(onnx|txt)$/i],
  ['video', /\.(mp4|m4v|mov|webm)$/i],
]);

/**
 * Models and videos are found only where they come as files of their own, not somewhere in a folder.
 *
 * @param {File | Found} file
 * @returns {Arriving}
 */
export function arrivalOf(file) {
  const { name } = file;
  if (!(file instanceof File)) return { file, name, kind: 'picture', read: async (signal) => arrivalOf(await file.read(signal)).read() };
  // By its type, or its name where a system knows no type for that.
  const kind = file.type.startsWith('video/') ? 'video' : KINDS.find(([, extension]) => extension.test(name))?.[0] ?? 'picture';
  const read = async () => {
    if (kind === 'video') throw new Failure('unsupported-format', 'a video is not played among other files. Bring it alone');
    return file;
  };
  return { file, name, kind, read };
}

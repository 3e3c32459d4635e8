// The samples: pictures that are on the page already, for who has none at hand.

import { Failure } from '../pkg/engine/shared/failure.js';

/**
 * @param {HTMLElement} strip the buttons, each with one image and the name of its file; a sample that is missing is not offered
 * @param {import('../pkg/element/pictures.js').Listeners} listeners
 */
export function listenToSamples(strip, { onFiles, onFailure }) {
  for (const button of strip.querySelectorAll('button')) {
    const image = button.querySelector('img');
    if (!image) continue;
    const withdraw = () => {
      button.hidden = true;
      strip.hidden = !strip.querySelector('button:not([hidden])');
    };
    image.addEventListener('error', withdraw);
    if (image.complete && !image.naturalWidth) withdraw();
    button.addEventListener('click', async () => {
      try {
        onFiles([await fetchSample(image.src, button.value)], 'sample');
      } catch (error) {
        onFailure(Failure.from(error), 'sample');
      }
    });
  }
}

/**
 * @param {string} url
 * @param {string} name
 */
async function fetchSample(url, name) {
  // The image is on the page already, so its bytes are in the cache.
  const response = await fetch(url, { cache: 'force-cache' }).catch(() => null);
  if (!response?.ok) throw new Failure('sample-missing', 'This sample could not be fetched. Try another one, or choose a picture.');
  return new File([await response.blob()], name);
}

// One classifier for both: `classify` answers for a file, `start` follows the camera until `stop`.

import { load } from 'mobilenet-web';

/** Below it the likeliest class is a guess. */
const SURE = 0.6;

const file = /** @type {HTMLInputElement} */ (document.querySelector('#file'));
const camera = /** @type {HTMLButtonElement} */ (document.querySelector('#camera'));
const video = /** @type {HTMLVideoElement} */ (document.querySelector('#video'));
const output = /** @type {HTMLOutputElement} */ (document.querySelector('#answer'));

/** @param {import('mobilenet-web').Answer} answer */
function show({ predictions: [best], rejected }) {
  const sure = best && !rejected && best.probability >= SURE;
  // Rounded down: nothing is certain.
  output.value = sure ? `${best.label}, ${Math.floor(best.probability * 100)} %` : 'Not sure';
}

/** @param {unknown} error whose message says what to do */
function complain(error) {
  output.value = error instanceof Error ? error.message : String(error);
}

const classifier = await load(null, {
  onProgress: ({ loaded, total }) => total && (output.value = `Loading the model: ${Math.round((loaded / total) * 100)} %`),
}).catch((error) => {
  complain(error);
  throw error;
});

file.addEventListener('change', async () => {
  const [picture] = file.files ?? [];
  if (!picture) return;
  stopCamera();
  await classifier.classify(picture).then(show, complain);
});

camera.addEventListener('click', () => (video.srcObject ? stopCamera() : startCamera().catch(complain)));

async function startCamera() {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  await video.play();
  video.hidden = false;
  camera.textContent = 'Stop the camera';
  classifier.start(video, { onAnswer: show, onError: complain });
}

function stopCamera() {
  classifier.stop();
  if (video.srcObject instanceof MediaStream) for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
  video.hidden = true;
  camera.textContent = 'Start the camera';
}

output.value = `Show me one of these: ${classifier.labels.join(', ')}.`;
file.disabled = camera.disabled = false;

// What a video element shows, frame after frame, while somebody is looking.

/**
 * @param {HTMLVideoElement} video
 * @param {() => boolean} goesOn
 * @param {(frame: ImageBitmap) => void} onFrame is given the frame, never mirrored and never scaled
 */
export async function watchFrames(video, goesOn, onFrame) {
  while (goesOn()) {
    await nextFrame(video);
    if (!goesOn() || document.hidden || !video.videoWidth) continue;
    const frame = await createImageBitmap(video).catch(() => null);
    if (goesOn() && frame) onFrame(frame);
    else frame?.close();
  }
}

/**
 * Waits for a picture that was not seen before; browsers without the callback (Firefox before 132) repeat some.
 *
 * @param {HTMLVideoElement} video
 */
function nextFrame(video) {
  return new Promise((resolve) => {
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(resolve);
    else requestAnimationFrame(resolve);
  });
}

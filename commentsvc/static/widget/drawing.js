// Adds comments to the page as fast as this device draws them.

const FRAMES = 34; // ms, of two frames: a device that draws some comments within it gets twice as many next time
const NO_FRAME = 1000; // ms without a frame: nobody sees the page, though it is not hidden; it may be a frame far down

/** Whether the next frame is drawn; it is not while nobody looks. @returns {Promise<boolean>} */
export function nextFrame() {
  return new Promise((resolve) => {
    if (document.hidden) return resolve(false);
    requestAnimationFrame(() => setTimeout(resolve, 0, true));
    setTimeout(resolve, NO_FRAME, false);
  });
}

/**
 * Append as many comments at a time as this device draws without a stutter.
 * @param {Element} list @param {Element[]} comments @param {(item: Element) => void} localise
 */
export async function appendComments(list, comments, localise) {
  for (let index = 0, count = 1, start = 0; index < comments.length;) {
    const isDrawn = await nextFrame();
    const now = performance.now();
    count = isDrawn ? Math.ceil(now - start < FRAMES ? count * 2 : count / 2) : comments.length;
    start = now;
    for (const comment of comments.slice(index, (index += count))) {
      const item = document.importNode(comment, true);
      list.append(item);
      localise(item);
    }
  }
}

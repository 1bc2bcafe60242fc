// The browser that drives VS Code in the E2E tests.
import { existsSync } from 'node:fs';
import process from 'node:process';
import { ensureSystemPackages } from './debian-packages.mjs';
import { findOnPath } from './paths.mjs';

function findChromium() {
  const chosen = process.env.VOXEL_LOOP_CHROMIUM;
  if (chosen !== undefined) return chosen;
  // Debian's own binary first: its wrapper on the PATH adds flags of the desktop.
  const known = ['/usr/lib/chromium/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
  return (
    known.find((file) => existsSync(file)) ??
    ['chromium', 'chromium-browser', 'google-chrome'].map(findOnPath).find((file) => file !== undefined)
  );
}

/**
 * @returns {Promise<string>} the path of a Chromium; `VOXEL_LOOP_CHROMIUM` chooses one
 */
export async function ensureChromium() {
  await ensureSystemPackages(
    [{ name: 'chromium', isPresent: () => findChromium() !== undefined }],
    'to drive VS Code in the tests (or name a Chromium in VOXEL_LOOP_CHROMIUM)',
  );
  return /** @type {string} */ (findChromium());
}

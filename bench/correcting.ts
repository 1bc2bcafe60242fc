/**
 * What correcting eight proposals is worth, played in a real VS Code: `npm run bench -- correcting [--minutes 1.5]
 * [--seeds 1,2,3]`. About ten minutes for each seed.
 *
 * Real hippocampus cases drawn by the seed: 8 with their true labels, 8 without, all 52 cases of the cohort's own val
 * set as the holdout. Retrain Model; then each of the 8 is predicted, accepted, corrected to the truth with the mouse,
 * accepted and saved; then Retrain Model again. Reported: Dice on the holdout before and after (mean over cases of the
 * mean over both labels).
 */
import { parseArgs } from 'node:util';
import { measureInEditor } from './support/in-editor.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1.5' }, seeds: { type: 'string', default: '1,2,3' } },
});
measureInEditor('correcting', { VOXEL_LOOP_MINUTES: values.minutes, VOXEL_LOOP_SEEDS: values.seeds });

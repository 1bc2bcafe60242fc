import { type HistoryEntry, UNKNOWN_TIME } from './slice-history.ts';

const WHAT: Readonly<Record<HistoryEntry['what'], string>> = {
  accepted: 'Accepted',
  edited: 'Edited',
  'taken-back': 'Acceptance taken back',
  rejected: 'Proposal rejected',
  undone: 'Undone',
  imported: 'Imported with its label file',
  'changed-outside': 'Label file changed by another program',
};

/** Puts one entry into words for people: "Accepted by Anna" and "from model 3, 41 voxels changed, 38 s". */
export function historyWords(entry: HistoryEntry): { readonly title: string; readonly detail: string } {
  const { what, who, model, unseen, voxels, seconds } = entry;
  const details: string[] = [];
  if (unseen) details.push('without having been looked at');
  // Version 0 stands for a model that is no version of the cohort.
  if (model !== undefined) details.push(model === 0 ? 'from another model' : `from model ${model}`);
  if (voxels !== undefined) {
    const changed = voxels === 0 && what === 'accepted' ? 'unchanged' : `${plural(voxels, 'voxel')} changed`;
    details.push(changed);
  }
  if (seconds !== undefined) details.push(durationWords(seconds));
  return { title: who === undefined ? WHAT[what] : `${WHAT[what]} by ${who}`, detail: details.join(', ') };
}

/** Says when it happened, as `format` writes it; the text is empty where nobody knows. */
export function historyTime(entry: HistoryEntry, format: (date: Date) => string): string {
  return entry.when === UNKNOWN_TIME ? '' : format(new Date(entry.when));
}

/** Writes a duration as "38 s", "4 min 5 s" or "1 h 12 min". */
export function durationWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

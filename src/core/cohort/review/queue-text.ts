import type { SliceSignals } from '../../case/state/slice-signals.ts';
import type { LabelTable } from '../../label/table/label-table.ts';
import { counted } from '../../text/counted.ts';
import type { QueuedCase, QueueEntry } from './queued-cases.ts';

/** A signal is given as a reason from this value on; the strongest one always is. */
const WORTH_SAYING = { uncertainty: 0.1, disagreement: 0.1, distance: 1.75 } as const;

/** These sentences are what the review queue says to the user. */
export const queueText = {
  nothingWaits:
    'Nothing waits for review in this cohort. Predict more cases, or retrain on what you have accepted meanwhile.',
  predictButton: 'Predict Cohort',
  retrainButton: 'Retrain Model',
  whichCohort: 'Which folder is the cohort to review?',
  waiting: (cases: number) => `${cases.toLocaleString('en')} ${cases === 1 ? 'case waits' : 'cases wait'}`,
  failed: 'The review queue cannot be read',
  more: (cases: number) => `${cases.toLocaleString('en')} more ${cases === 1 ? 'case waits' : 'cases wait'}`,
  /** Side bars are narrow, so the figure that says most comes first. */
  caseDescription: ({ pending, gain }: QueuedCase) => `${percent(gain)} likely wrong, ${counted(pending, 'slice')}`,
  caseTooltip: ({ id, pending, gain }: QueuedCase) =>
    `${id}: ${pending} ${pending === 1 ? 'slice waits' : 'slices wait'}. Of what is proposed, ${percent(gain)} is expected to be wrong.`,
} as const;

/** Writes "Slices 12–17", "Slice 4" or "Piece of Anterior, 34 mm³". Slices count from 1, as editors show them. */
export function entryLabel(entry: QueueEntry, labels: LabelTable): string {
  if (entry.kind === 'component') {
    const { label, volumeMm3 } = entry.component;
    return `Piece of ${labels[label]?.name ?? `label ${label}`}, ${roundedMm3(volumeMm3)}`;
  }
  const { first, last } = entry;
  return first === last ? `Slice ${first + 1}` : `Slices ${first + 1}–${last + 1}`;
}

/** Says in short why an entry is in the queue: "unsure 0.31, views disagree 0.22". */
export function entryReasons(entry: QueueEntry): string {
  if (entry.kind === 'component') return `${percent(entry.gain)} likely wrong`;
  return sliceReasons(entry.signals);
}

/** Says the same in full, for the tooltip. */
export function entryTooltip(entry: QueueEntry, caseId: string): string {
  if (entry.kind === 'component') {
    return `${caseId}: the network expects ${percent(entry.gain)} of this piece to be of another label.`;
  }
  const { uncertainty, disagreement, distance, areaMm2 } = entry.signals;
  return [
    `${caseId}, worst on slice ${entry.slice + 1}:`,
    `unsure at the border: ${uncertainty.toFixed(2)} (expected Dice error by its own probabilities)`,
    ...(disagreement === null
      ? []
      : [`views disagree: ${disagreement.toFixed(2)} (Dice error of its views with one another)`]),
    ...(distance === null
      ? []
      : [`unlike the training data: ${distance.toFixed(1)} (1: as a new case usually is; does not move the queue)`]),
    ...(areaMm2 === null ? [] : [`proposed area: ${Math.round(areaMm2)} mm²`]),
  ].join('\n');
}

function sliceReasons({ uncertainty, disagreement, distance, areaMm2 }: SliceSignals): string {
  const reasons = [
    {
      strength: uncertainty / WORTH_SAYING.uncertainty,
      said: `${areaMm2 === 0 ? 'may miss something' : 'unsure'} ${uncertainty.toFixed(2)}`,
    },
    {
      strength: (disagreement ?? 0) / WORTH_SAYING.disagreement,
      said: `views disagree ${(disagreement ?? 0).toFixed(2)}`,
    },
    {
      strength: (distance ?? 0) / WORTH_SAYING.distance,
      said: `unlike training data ${(distance ?? 0).toFixed(1)}`,
    },
  ].sort((a, b) => b.strength - a.strength);
  return reasons
    .filter(({ strength }, index) => index === 0 || strength >= 1)
    .map(({ said }) => said)
    .join(', ');
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function roundedMm3(volumeMm3: number): string {
  if (volumeMm3 >= 10_000) return `${(volumeMm3 / 1000).toFixed(0)} ml`;
  return `${volumeMm3 >= 10 ? volumeMm3.toFixed(0) : volumeMm3.toPrecision(2)} mm³`;
}

import type { Vec3 } from '../../../core/geometry/vector.ts';
import { counted } from '../../../core/text/counted.ts';
import { NO_ORIENTATION } from '../../../core/volume/volume-header.ts';
import type { FingerprintedCase } from './fingerprint-cases.ts';

/** So many cases are told of one by one, and so many names stand in a sentence. */
const NAMED = 5;
/** A voxel that differs more from the others' along some axis is most likely not of that size. */
const OTHER_SIZE = 0.25;

/** Says in sentences what is odd about cases that train all the same. */
export function doubtSentences(cases: readonly FingerprintedCase[]): string[] {
  return [
    ...some(cases.flatMap(({ doubts }) => doubts)),
    ...some(cases.flatMap(({ labelDoubts }) => labelDoubts)),
    ...some(oddHeaders(cases)),
    ...lostGeometry(cases),
  ];
}

function some(sentences: readonly string[]): string[] {
  const rest = sentences.length - NAMED;
  return [
    ...sentences.slice(0, NAMED),
    ...(rest > 0
      ? [`${counted(rest, 'more sentence', 'more sentences')} of this kind: voxel-loop info tells of each file.`]
      : []),
  ];
}

/** Says once what several headers have alike. */
function oddHeaders(cases: readonly FingerprintedCase[]): string[] {
  // `lostGeometry` says more of files that do not say how the patient lies.
  const oddOf = ({ headerDoubts }: FingerprintedCase) => headerDoubts.filter((sentence) => sentence !== NO_ORIENTATION);
  return [...new Set(cases.flatMap(oddOf))].map((sentence) => {
    const alike = cases.filter((each) => oddOf(each).includes(sentence));
    return `Image of ${namesOf(alike)}: ${sentence}`;
  });
}

/**
 * Doubts files without a geometry. They count as if each voxel were as large as their header says, which is often a
 * default of 1 mm.
 */
function lostGeometry(cases: readonly FingerprintedCase[]): string[] {
  const lost = cases.filter(({ isOriented }) => !isOriented);
  if (lost.length === 0) return [];
  const others = cases.filter(({ isOriented }) => isOriented);
  const names = namesOf(lost);
  if (others.length === 0) return [`No file says how the patient lies: left and right may be swapped in some of them.`];
  const usual = [0, 1, 2].map((axis) => median(others.map(({ grid }) => grid.spacingMm[axis]))) as unknown as Vec3;
  const differ = lost.filter(({ grid }) =>
    grid.spacingMm.some((size, axis) => Math.abs(size - usual[axis]) > OTHER_SIZE * usual[axis]),
  );
  const sentences = [
    `The header of ${names} does not say how the patient lies, and those of ${counted(others.length, 'other case')} do: left and right may be swapped there.`,
  ];
  if (differ.length > 0) {
    const [{ grid }] = differ;
    sentences.push(
      `By its header, a voxel of ${namesOf(differ)} is ${inMm(grid.spacingMm)}, and in most others ${inMm(usual)}: if the header was lost, these images train at a wrong scale. Copy the geometry from the original.`,
    );
  }
  return sentences;
}

function namesOf(cases: readonly FingerprintedCase[]): string {
  const names = cases.slice(0, NAMED).map(({ id }) => id);
  const rest = cases.length - names.length;
  return `${cases.length === 1 ? 'case' : 'cases'} ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function inMm(spacing: Vec3): string {
  return `${spacing.map((size) => Number(size.toPrecision(3))).join(' x ')} mm`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

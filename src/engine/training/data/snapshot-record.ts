import { isAbsolute, join, normalize, relative, sep } from 'node:path';
import * as v from 'valibot';
import { count } from '../../../core/basic-schemas.ts';
import { formatSlices, MOST_SLICES, parseSlices } from '../../../core/case/state/slice-ranges.ts';
import { ALL_SLICES } from '../../../core/cohort/records/newly-accepted.ts';
import type { VoxelAxis } from '../../../core/geometry/vector.ts';
import { labelTable } from '../../../core/label/table/label-table-schema.ts';
import { isPlainName } from '../../../node/files/plain-name.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';

const AXES = ['i', 'j', 'k'] as const;

/** A path in the cohort, which does not lead out of it. */
const cohortPath = v.pipe(
  v.string(),
  v.check((path) => !isAbsolute(path) && normalize(path).split(sep)[0] !== '..', 'It leads out of the cohort.'),
);

const snapshotCase = v.looseObject({
  id: v.pipe(v.string(), v.check(isPlainName, 'It is no name of a case.')),
  timeIndex: count,
  channels: v.array(
    v.looseObject({
      /** The path is relative to the cohort, with forward slashes: a cohort that was moved is the same. */
      file: cohortPath,
      bytes: count,
      modifiedMs: v.number(),
      /** The `volumeFingerprint`. It is null in a case that only judges. */
      fingerprint: v.nullable(v.string()),
    }),
  ),
  /** The label file's place in the cohort. What it held is in `labels/<id>.labels` beside this record. */
  labels: cohortPath,
  labelsFingerprint: v.string(),
  /** It is null where no axis is recorded, so that it is chosen from the grid. */
  reviewAxis: v.nullable(v.picklist(AXES)),
  /** The number of slices along the review axis. It is null where all count because there is no record. */
  slices: v.nullable(v.pipe(count, v.maxValue(MOST_SLICES))),
  /** The slices as `formatSlices` writes them, or "all". */
  accepted: v.string(),
  complete: v.boolean(),
  reviewed: v.boolean(),
  /** It is absent in records of earlier versions: it plays no part once the sets are chosen. */
  proposed: v.exactOptional(v.boolean()),
  /** Labels that the case names differently from its cohort. */
  ownLabels: v.exactOptional(labelTable),
});
export type SnapshotCase = v.InferOutput<typeof snapshotCase>;

/** The content of `<state>/training/snapshot/<run>/cases.json`: what a training learns from and is judged by. */
export const snapshotRecord = v.looseObject({
  format: v.literal('voxel-loop-training-snapshot'),
  formatVersion: v.literal(1),
  /** The file value that stands for "nobody knows". It is null where there is none. */
  ignoredValue: v.nullable(v.number()),
  cases: v.array(snapshotCase),
});

/** A file's length and the time when it was written last. While they are the same, the content is too. */
export interface FileStamp {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** @param stamps of the channels, in their order */
export function caseToRecord(found: TrainableCase, root: string, stamps: readonly FileStamp[]): SnapshotCase {
  const { files, candidate, reviewAxis, accepted, labelsFingerprint, imageFingerprints } = found;
  return {
    id: files.id,
    timeIndex: files.timeIndex,
    channels: files.channels.map((path, index) => ({
      file: toRelative(root, path),
      bytes: stamps[index].bytes,
      modifiedMs: stamps[index].modifiedMs,
      fingerprint: imageFingerprints?.[index] ?? null,
    })),
    labels: toRelative(root, files.labels),
    labelsFingerprint: labelsFingerprint ?? '',
    reviewAxis: reviewAxis === null ? null : AXES[reviewAxis],
    slices: accepted === null ? null : accepted.length,
    accepted: accepted === null ? ALL_SLICES : formatSlices(accepted),
    complete: candidate.complete,
    reviewed: candidate.reviewed,
    proposed: candidate.proposed,
    ...(found.ownLabels && { ownLabels: [...found.ownLabels] }),
  };
}

/** @param labelsPath where its labels are kept */
export function caseFromRecord(recorded: SnapshotCase, root: string, labelsPath: string): TrainableCase {
  const { id, timeIndex, channels, reviewAxis, slices, complete, reviewed, proposed = false } = recorded;
  const fingerprints = channels.flatMap(({ fingerprint }) => fingerprint ?? []);
  return {
    files: {
      id,
      timeIndex,
      channels: channels.map(({ file }) => join(root, file)),
      labels: join(root, recorded.labels),
    },
    candidate: { id, complete, reviewed, proposed },
    reviewAxis: reviewAxis === null ? null : (AXES.indexOf(reviewAxis) as VoxelAxis),
    accepted: slices === null ? null : parseSlices(recorded.accepted, slices),
    labelsPath,
    labelsFingerprint: recorded.labelsFingerprint,
    imageFingerprints: fingerprints.length === channels.length ? fingerprints : null,
    ...(recorded.ownLabels && { ownLabels: recorded.ownLabels }),
  };
}

function toRelative(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

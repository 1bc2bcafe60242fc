import * as v from 'valibot';
import type { LabelOverlap, SliceFigures } from '../../case/state/slice-figures.ts';
import { sliceFiguresEntries, sliceProvenanceEntries } from '../../case/state/slice-provenance-schema.ts';
import { MOST_SLICES, parseSlices } from '../../case/state/slice-ranges.ts';
import { VoxelLoopError } from '../../errors.ts';
import {
  BACKGROUND,
  checkLabelTable,
  type LabelEntry,
  type LabelTable,
  LabelTableError,
} from '../../label/table/label-table.ts';
import { labelEntry } from '../../label/table/label-table-schema.ts';

/** A `.voxel-loop/cases/<case>.json` cannot be used: it is damaged, of a newer version, or of another volume. */
export class CaseRecordError extends VoxelLoopError {
  readonly code = 'case-record';
}

/** The voxel axes as records name them. */
export const AXES = ['i', 'j', 'k'] as const;
export const VERSION = 1;
/** A record with `earlierRejections` has this version: a program that does not know them must not write it. */
export const VERSION_WITH_EARLIER = 2;
/** A record that tells which slices were looked at, in `looks` or by `unseen`, has this version for the same reason. */
export const VERSION_WITH_LOOKS = 3;
/** A record with `labels` has this version for the same reason. */
const VERSION_WITH_LABELS = 4;

/** A record with `matchedByNumber` has this version for the same reason. */
const VERSION_WITH_MATCH = 5;

/** A record with `image` has this version for the same reason. */
const VERSION_WITH_IMAGE = 6;

/**
 * A record may name so many proposals that the case had before its last one. Each names slices, so more of them would
 * take long to read.
 */
export const MOST_EARLIER = 1000;

const slice = v.strictObject({
  state: v.picklist(['unreviewed', 'edited', 'accepted']),
  ...sliceProvenanceEntries,
  ...sliceFiguresEntries,
  /**
   * The id of the proposal that was rejected here, the last one of several. It does not come back when the case is
   * opened again, and what was drawn instead of it counts for its model version.
   */
  rejectedProposal: v.exactOptional(v.string()),
  /** The id of the proposal of which some structures were taken over here while the rest still waits. */
  partialProposal: v.exactOptional(v.string()),
});

const firstVoxel = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What was rejected of one proposal, as far as nothing else in the record says it. */
const earlierRejection = v.strictObject({
  proposal: v.string(),
  /** The slices are written by `formatSlices`. */
  slices: v.exactOptional(v.string()),
  /** The structures are named as in `rejectedComponents`. */
  components: v.exactOptional(v.array(firstVoxel)),
});

/** Slices that were looked at while the same proposal (or none) was shown on them. */
const looksEntry = v.strictObject({
  /** It is absent where no proposal was shown. */
  proposal: v.exactOptional(v.string()),
  /** The slices are written by `formatSlices`. */
  slices: v.string(),
});

const record = v.strictObject({
  version: v.picklist([
    VERSION,
    VERSION_WITH_EARLIER,
    VERSION_WITH_LOOKS,
    VERSION_WITH_LABELS,
    VERSION_WITH_MATCH,
    VERSION_WITH_IMAGE,
  ]),
  /** The label file that the states are about (`fileFingerprint`). It is null while none was written yet. */
  labelsFingerprint: v.nullable(v.pipe(v.string(), v.regex(/^sha256-[0-9a-f]{64}$/))),
  /**
   * The image that was drawn on, whatever it is called (`volumeFingerprint`). It is absent where the image has not been
   * read as a whole yet.
   */
  image: v.exactOptional(
    v.strictObject({
      fingerprint: v.pipe(v.string(), v.regex(/^sha256-[0-9a-f]{64}$/)),
      sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
  ),
  /** Slices are reviewed and counted along this voxel axis. */
  reviewAxis: v.picklist(AXES),
  slices: v.pipe(v.array(slice), v.maxLength(MOST_SLICES)),
  /** Structures of a proposal that were rejected one by one, each named by its lowest linear offset (`componentAt`). */
  rejectedComponents: v.exactOptional(v.strictObject({ proposal: v.string(), firstVoxels: v.array(firstVoxel) })),
  /**
   * What was rejected of proposals before the last one, which are shown again after a rollback. The oldest comes first.
   */
  earlierRejections: v.exactOptional(v.pipe(v.array(earlierRejection), v.maxLength(MOST_EARLIER))),
  /** It is absent where nobody knows which slices were looked at (`CaseDocument.wasShown`). */
  looks: v.exactOptional(v.pipe(v.array(looksEntry), v.maxLength(MOST_EARLIER))),
  /**
   * The label file that these labels came from said that its axes run in other directions than those of its image,
   * namely these (RPS), and a person chose to match voxels by their number instead.
   */
  matchedByNumber: v.exactOptional(v.pipe(v.string(), v.regex(/^[RLAPIS]{3}$/))),
  /** Labels that this case names or colours otherwise than its cohort. */
  labels: v.exactOptional(
    v.pipe(
      v.array(labelEntry),
      v.check((labels) => isLabelTable([BACKGROUND, ...labels])),
    ),
  ),
});

function isLabelTable(table: LabelTable): boolean {
  try {
    checkLabelTable(table);
    return true;
  } catch (error) {
    if (error instanceof LabelTableError) return false;
    throw error;
  }
}

/** Review state and provenance of one case, as `.voxel-loop/cases/<case>.json` keeps it beside the label file. */
export type CaseRecord = Readonly<v.InferOutput<typeof record>>;
export type SliceRecord = CaseRecord['slices'][number];
export type EarlierRejection = v.InferOutput<typeof earlierRejection>;
export type LooksEntry = v.InferOutput<typeof looksEntry>;

/**
 * Reads a case record.
 * @throws CaseRecordError
 */
export function parseCaseRecord(text: string): CaseRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CaseRecordError(
      'The review record of this case is not valid JSON: restore it, or delete it to start over.',
      {
        cause,
      },
    );
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > VERSION_WITH_IMAGE) {
    throw new CaseRecordError(
      'The review record of this case was written by a newer Voxel Loop: update the extension.',
    );
  }
  const parsed = v.safeParse(record, json);
  if (parsed.success) return parsed.output;
  throw new CaseRecordError('The review record of this case is damaged: restore it, or delete it to start over.', {
    cause: v.summarize(parsed.issues),
  });
}

/**
 * Writes the record as text that diffs well: one slice per line, fields in one order, a line feed at the end. Equal
 * records are equal texts.
 */
export function serializeCaseRecord(value: CaseRecord): string {
  const { rejectedComponents, earlierRejections, looks, labels, matchedByNumber, image } = value;
  const parts = [
    `"version": ${value.version}`,
    `"labelsFingerprint": ${JSON.stringify(value.labelsFingerprint)}`,
    ...(image ? [`"image": ${JSON.stringify({ fingerprint: image.fingerprint, sizeBytes: image.sizeBytes })}`] : []),
    `"reviewAxis": ${JSON.stringify(value.reviewAxis)}`,
    `"slices": ${lines(value.slices.map(inOrder))}`,
    ...(rejectedComponents ? [`"rejectedComponents": ${JSON.stringify(rejectedComponents)}`] : []),
    ...(earlierRejections ? [`"earlierRejections": ${lines(earlierRejections)}`] : []),
    ...(looks ? [`"looks": ${lines(looks)}`] : []),
    ...(matchedByNumber ? [`"matchedByNumber": ${JSON.stringify(matchedByNumber)}`] : []),
    ...(labels ? [`"labels": ${lines(labels.map(({ value, name, color }) => ({ value, name, color })))}`] : []),
  ];
  return `{\n${parts.map((part) => `  ${part}`).join(',\n')}\n}\n`;
}

/** An array with one entry per line. */
function lines(entries: readonly unknown[]): string {
  return entries.length === 0 ? '[]' : `[\n${entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`;
}

/** Says whether labels of some slice, accepted or not, started from a model's proposal. */
export function hasProposedLabels({ slices }: CaseRecord): boolean {
  return slices.some(
    ({ modelVersion, proposal, partialProposal }) =>
      modelVersion !== undefined || proposal !== undefined || partialProposal !== undefined,
  );
}

/** Says for every slice whether the proposal was rejected on it. */
export function rejectedSlices(value: CaseRecord, proposal: string): boolean[] {
  const earlier = value.earlierRejections?.find((each) => each.proposal === proposal)?.slices;
  const isNamed = parseSlices(earlier ?? '', value.slices.length);
  return value.slices.map(({ rejectedProposal }, slice) => rejectedProposal === proposal || isNamed[slice]);
}

/**
 * Adds to the record what was measured. What is known of an acceptance goes with it.
 * @param figures by slice; missing ones are not known
 */
export function withFigures(value: CaseRecord, figures: readonly SliceFigures[]): CaseRecord {
  const slices = value.slices.map((slice, index): SliceRecord => {
    const { seconds: _seconds, change: _change, ...rest } = slice;
    const { seconds, change } = figures[index] ?? {};
    return {
      ...rest,
      ...(seconds !== undefined && { seconds }),
      ...(change && rest.state === 'accepted' && { change: { ...change, labels: change.labels.map(mutable) } }),
    };
  });
  return { ...value, slices };
}

function mutable([value, proposed, accepted, both]: LabelOverlap): [number, number, number, number] {
  return [value, proposed, accepted, both];
}

/**
 * Adds to the record the labels that the case has for itself.
 * @param value a record without any
 */
export function withLabels(value: CaseRecord, labels: readonly LabelEntry[]): CaseRecord {
  return labels.length === 0 ? value : { ...value, version: VERSION_WITH_LABELS, labels: [...labels] };
}

/**
 * Adds to the record that its labels were matched by number.
 * @param orientation the orientation that their file claimed to have; undefined where they were not matched so
 */
export function withMatchByNumber(value: CaseRecord, orientation: string | undefined): CaseRecord {
  return orientation === undefined ? value : { ...value, version: VERSION_WITH_MATCH, matchedByNumber: orientation };
}

/**
 * Adds to the record the image that its labels lie on, known by what it holds.
 * @param image undefined where the image is not known
 */
export function withImage(value: CaseRecord, image: CaseRecord['image']): CaseRecord {
  return image === undefined ? value : { ...value, version: VERSION_WITH_IMAGE, image };
}

/** Lists by slice what the record knows was measured. */
export function recordedFigures(value: CaseRecord): SliceFigures[] {
  return value.slices.map(({ seconds, change }) => ({
    ...(seconds !== undefined && { seconds }),
    ...(change && { change }),
  }));
}

function inOrder(entry: SliceRecord): SliceRecord {
  const { state, source, modelVersion, proposal, editedVoxels, change, seconds, who, when, rejectedProposal } = entry;
  const { unseen, adjudicatedWith, adjudication, partialProposal } = entry;
  // JSON leaves undefined fields out.
  return {
    state,
    source,
    modelVersion,
    proposal,
    editedVoxels,
    change: change && { model: change.model, voxels: change.voxels, labels: change.labels },
    seconds,
    who,
    when,
    unseen,
    adjudicatedWith,
    adjudication,
    rejectedProposal,
    partialProposal,
  } as SliceRecord;
}

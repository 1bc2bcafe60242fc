import * as v from 'valibot';
import type { CaseDocument, CaseDocumentInit } from '../../case/document/case-document.ts';
import type { ProposalSliceState, SliceProvenance, SliceReviewState } from '../../case/state/review.ts';
import type { LabelOverlap, SliceFigures } from '../../case/state/slice-figures.ts';
import type { SliceLook } from '../../case/state/slice-looks.ts';
import { sliceFiguresEntries, sliceProvenanceEntries } from '../../case/state/slice-provenance-schema.ts';
import { formatSlices, MOST_SLICES, parseSlices } from '../../case/state/slice-ranges.ts';
import { VoxelLoopError } from '../../errors.ts';
import type { PlaneName, SlicePlane } from '../../geometry/slice-plane.ts';
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

const AXES = ['i', 'j', 'k'] as const;
const VERSION = 1;
/** A record with `earlierRejections` has this version: a program that does not know them must not write it. */
const VERSION_WITH_EARLIER = 2;
/** A record that tells which slices were looked at, in `looks` or by `unseen`, has this version for the same reason. */
const VERSION_WITH_LOOKS = 3;
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
const MOST_EARLIER = 1000;

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
type EarlierRejection = v.InferOutput<typeof earlierRejection>;

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

/**
 * Makes the record to write when `document` is saved into a label file with that hash. It lacks what was measured
 * (`withFigures` adds it).
 */
export function caseRecordOf(document: CaseDocument, labelsFingerprint: string | null): CaseRecord {
  const [withRejections] = [...document.proposalsWithRejectedComponents].reverse();
  const earlierRejections = earlierRejectionsOf(document, withRejections);
  const looks = looksOf(document);
  const tellsOfLooks = looks.length > 0 || document.provenance.some(({ unseen }) => unseen);
  return {
    version: tellsOfLooks ? VERSION_WITH_LOOKS : earlierRejections.length > 0 ? VERSION_WITH_EARLIER : VERSION,
    labelsFingerprint,
    reviewAxis: AXES[document.reviewAxis],
    slices: document.review.map((state, index) => {
      const rejectedProposal = document.rejectedProposals(index).at(-1);
      const partialProposal = document.partialProposal(index);
      return {
        state,
        ...document.provenance[index],
        ...(rejectedProposal !== undefined && { rejectedProposal }),
        ...(partialProposal !== undefined && { partialProposal }),
      };
    }),
    ...(withRejections !== undefined && {
      rejectedComponents: {
        proposal: withRejections,
        firstVoxels: [...document.rejectedComponents(withRejections)],
      },
    }),
    ...(earlierRejections.length > 0 && { earlierRejections }),
    ...(looks.length > 0 && { looks }),
  };
}

/** Groups looked-at slices by proposal; those without one come first. */
function looksOf({ looks, sliceCount }: CaseDocument): v.InferOutput<typeof looksEntry>[] {
  const proposals = [...new Set(looks.map(([, proposal]) => proposal))].sort((a, b) =>
    (a ?? '') < (b ?? '') ? -1 : 1,
  );
  return proposals.map((proposal) => {
    const flags = new Array<boolean>(sliceCount).fill(false);
    for (const [slice, seen] of looks) if (seen === proposal) flags[slice] = true;
    return { ...(proposal !== null && { proposal }), slices: formatSlices(flags) };
  });
}

/** @param said the proposal whose rejected components the record tells of elsewhere */
function earlierRejectionsOf(document: CaseDocument, said: string | undefined): EarlierRejection[] {
  const bySlice = document.review.map((_, slice) => document.rejectedProposals(slice).slice(0, -1));
  const ids = new Set([...bySlice.flat(), ...document.proposalsWithRejectedComponents.filter((id) => id !== said)]);
  return [...ids].slice(-MOST_EARLIER).map((proposal) => {
    const slices = formatSlices(bySlice.map((earlier) => earlier.includes(proposal)));
    const components = proposal === said ? [] : document.rejectedComponents(proposal);
    return {
      proposal,
      ...(slices !== '' && { slices }),
      ...(components.length > 0 && { components: [...components] }),
    };
  });
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
 * Makes the record of a label map that came without one. Such a map is complete, so every slice is accepted (and
 * trains), marked as imported. A case without a label file has no accepted slice, and needs no record.
 */
export function importedCaseRecord(plane: SlicePlane, labelsFingerprint: string): CaseRecord {
  return {
    version: VERSION,
    labelsFingerprint,
    reviewAxis: AXES[plane.normalAxis],
    slices: Array.from({ length: plane.sliceCount }, () => ({ state: 'accepted', source: 'imported' })),
  };
}

/**
 * Returns what a document starts from after a record was read.
 * @throws CaseRecordError if it counts other slices than the volume has
 */
export function restoreReview(
  value: CaseRecord,
  planes: Readonly<Record<PlaneName, SlicePlane>>,
): Required<
  Pick<CaseDocumentInit, 'reviewPlane' | 'review' | 'provenance' | 'proposalStates' | 'rejectedComponents' | 'looks'>
> {
  const plane = Object.values(planes).find(({ normalAxis }) => AXES[normalAxis] === value.reviewAxis);
  if (!plane || plane.sliceCount !== value.slices.length) {
    throw new CaseRecordError(
      `The review record of this case has ${value.slices.length} slices and the image ${plane?.sliceCount}: the image ` +
        'was replaced. Restore it, or delete the record to start over.',
    );
  }
  const review: SliceReviewState[] = [];
  const provenance: SliceProvenance[] = [];
  const later = new Map<string, Map<number, ProposalSliceState>>();
  const remember = (id: string | undefined, index: number, state: ProposalSliceState) => {
    if (id === undefined) return;
    const states = later.get(id) ?? new Map<number, ProposalSliceState>();
    later.set(id, states.set(index, state));
  };
  for (const [index, entry] of value.slices.entries()) {
    const { state, rejectedProposal, partialProposal, seconds: _seconds, change: _change, ...rest } = entry;
    review.push(state);
    provenance.push(rest);
    remember(rejectedProposal, index, 'rejected');
    remember(partialProposal, index, 'partial');
  }
  const earlier = (value.earlierRejections ?? []).map(({ proposal, slices = '' }) => {
    const isNamed = parseSlices(slices, value.slices.length);
    return [
      proposal,
      new Map(isNamed.flatMap((named, slice) => (named ? [[slice, 'rejected' as const]] : []))),
    ] as const;
  });
  const proposalStates = [...earlier, ...later];
  const rejectedComponents = new Map<string, readonly number[]>();
  for (const { proposal, components } of value.earlierRejections ?? []) {
    if (components) rejectedComponents.set(proposal, components);
  }
  if (value.rejectedComponents) {
    rejectedComponents.set(value.rejectedComponents.proposal, value.rejectedComponents.firstVoxels);
  }
  return {
    reviewPlane: plane.name,
    review,
    provenance,
    proposalStates,
    rejectedComponents,
    looks: recordedLooks(value),
  };
}

/**
 * Lists the slices that the record knows were looked at. Who worked on a slice for a while had it on the screen, even
 * where an older record does not tell of looks.
 */
export function recordedLooks({ slices, looks = [] }: CaseRecord): SliceLook[] {
  const worked = slices.flatMap(({ seconds }, slice): SliceLook[] => (seconds ? [[slice, null]] : []));
  const told = looks.flatMap(({ proposal, slices: text }) =>
    parseSlices(text, slices.length).flatMap((isNamed, slice): SliceLook[] =>
      isNamed ? [[slice, proposal ?? null]] : [],
    ),
  );
  return [...worked, ...told];
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

import type { CaseDocument, CaseDocumentInit } from '../../case/document/case-document.ts';
import type { ProposalSliceState, SliceProvenance, SliceReviewState } from '../../case/state/review.ts';
import type { SliceLook } from '../../case/state/slice-looks.ts';
import { formatSlices, parseSlices } from '../../case/state/slice-ranges.ts';
import type { PlaneName, SlicePlane } from '../../geometry/slice-plane.ts';
import {
  AXES,
  type CaseRecord,
  CaseRecordError,
  type EarlierRejection,
  type LooksEntry,
  MOST_EARLIER,
  VERSION,
  VERSION_WITH_EARLIER,
  VERSION_WITH_LOOKS,
} from './case-record.ts';

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
function looksOf({ looks, sliceCount }: CaseDocument): LooksEntry[] {
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

import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { ArrivingLabels } from '../../core/label/arriving-labels.ts';
import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';
import type { SlicePlanes } from '../looking/view-state.ts';

/** Says what the document is for the editor right now. */
export type DocumentPhase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'open';
      readonly snapshot: DocumentSnapshot;
      readonly planes: SlicePlanes;
      /** This is undefined while the labels are on their way: then looking is possible, and drawing is not. */
      readonly replica: CaseReplica | undefined;
      /** The labels as far as they are here, which can be shown before there is a replica. */
      readonly arriving: ArrivingLabels;
    };

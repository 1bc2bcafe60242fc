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
      /** This is undefined until all labels are here: then looking is possible, and drawing is not. */
      readonly replica: CaseReplica | undefined;
      /**
       * While the labels are on their way, these are the ones that are here, which can be shown. It is undefined once
       * there is a replica, and also, without one, when the labels could not be loaded.
       */
      readonly arriving: ArrivingLabels | undefined;
    };

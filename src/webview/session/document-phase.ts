import type { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';
import type { SlicePlanes } from '../looking/view-state.ts';

/** What the document is for the editor right now. */
export type DocumentPhase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'failed'; readonly message: string }
  /** `replica` undefined: the label map is on its way; looking is possible, drawing is not yet. */
  | {
      readonly kind: 'open';
      readonly snapshot: DocumentSnapshot;
      readonly planes: SlicePlanes;
      readonly replica: CaseReplica | undefined;
    };

import type { PlaneName } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { Window } from '../../core/volume/volume-schemas.ts';
import type { PlanePoint } from './viewport.ts';

/** Everything that changes only how the document is looked at. */
export type ViewAction =
  /** `NAVIGATE`, or an annotation tool by its id. */
  | { readonly kind: 'set-tool'; readonly tool: string }
  /** A choice of the tools' settings, by its name. */
  | { readonly kind: 'set-tool-choice'; readonly setting: string; readonly value: string }
  | { readonly kind: 'set-brush-radius'; readonly radiusMm: number }
  /** Makes the brush larger (positive) or smaller, by steps of a tenth. */
  | { readonly kind: 'resize-brush'; readonly steps: number }
  | { readonly kind: 'set-active-label'; readonly label: number }
  | { readonly kind: 'set-draw-over'; readonly drawOver: 'everything' | 'background' }
  | { readonly kind: 'move-crosshair'; readonly voxel: Vec3 }
  /**
   * Moves the crosshair to `voxel`, and shows what lies within `extentVoxels` around `centerVoxel` (or `voxel` without
   * it); `plane` decides the zoom. See `panesAround`.
   */
  | {
      readonly kind: 'show-place';
      readonly plane: PlaneName;
      readonly voxel: Vec3;
      readonly centerVoxel?: Vec3;
      readonly extentVoxels?: Vec3;
    }
  /** Without `plane`, the active plane is meant. */
  | { readonly kind: 'step-slice'; readonly plane?: PlaneName; readonly by: number }
  | { readonly kind: 'go-to-slice'; readonly plane: PlaneName; readonly slice: number }
  | { readonly kind: 'set-time'; readonly timeIndex: number }
  /** Panes are named by their id. */
  | { readonly kind: 'activate-pane'; readonly pane: string }
  | { readonly kind: 'enlarge-pane'; readonly pane: string }
  /** Shows one pane alone, or all again. Without `pane`, the active pane is meant. */
  | { readonly kind: 'toggle-maximized'; readonly pane?: string }
  /** Changes the pose of a pane that shows slices. */
  | { readonly kind: 'set-pose'; readonly pane: string; readonly zoom: number; readonly center: PlanePoint }
  /**
   * Zooms around the middle of the pane. Without `pane`, the active pane is meant; one that shows no slices stays as it
   * is.
   */
  | { readonly kind: 'zoom-by'; readonly pane?: string; readonly factor: number }
  /** Changes what a pane of another kind remembers. */
  | { readonly kind: 'set-pane-state'; readonly pane: string; readonly state: unknown }
  | { readonly kind: 'fit' }
  | { readonly kind: 'toggle-link-zoom' }
  | { readonly kind: 'set-window'; readonly window: Window }
  | { readonly kind: 'reset-window' }
  | { readonly kind: 'toggle-interpolation' }
  | { readonly kind: 'toggle-labels' }
  | { readonly kind: 'toggle-label'; readonly label: number }
  | { readonly kind: 'set-label-opacity'; readonly opacity: number }
  | { readonly kind: 'toggle-crosshair' }
  | { readonly kind: 'set-advance-after-accept'; readonly on: boolean };

import type { PlaneName } from '../geometry/slice-plane.ts';
import { radius } from './radius.ts';
import type { GridPoint, Hand } from './tool.ts';
import { settingValue } from './tool-setting.ts';

/** Everything but the tool's name that a stroke with a round tip says. */
interface BegunStroke {
  readonly plane: PlaneName;
  readonly slice: number;
  readonly path: readonly GridPoint[];
  readonly radiusMm: number;
  readonly label: number;
  readonly onlyOver?: number;
}

/**
 * Begins a stroke with a round tip that paints the active label, or takes labels away where a pen's eraser end or Ctrl
 * says so. What is taken away is taken whatever may be painted over.
 */
export function beginStroke({ plane, slice, at, settings, label, onlyOver, erases, alternative }: Hand): BegunStroke {
  const takesAway = erases || alternative;
  return {
    plane,
    slice,
    path: [at],
    radiusMm: settingValue(radius, settings),
    label: takesAway ? 0 : label,
    ...(!takesAway && onlyOver !== undefined && { onlyOver }),
  };
}

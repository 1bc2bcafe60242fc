import type { LabelEdit } from '../label/label-edit.ts';
import { RunCollector } from '../label/label-edit-builder.ts';
import { type Gesture, toolOf } from './known-tools.ts';
import type { ToolContext } from './tool.ts';

/**
 * Plans what a gesture changes in the labels as they show: nothing where the label is there already, or where it may
 * not paint. This is the one place that knows what may be painted over, so that no tool can forget it; a restriction to
 * a region has its place here too.
 * @param covered is told of every range that the gesture covers, whether or not anything changes there
 * @throws UnknownToolError
 * @throws InvalidGestureError
 */
export function gestureEdit(
  context: ToolContext,
  gesture: Gesture,
  covered?: (start: number, length: number) => void,
): LabelEdit {
  const { onlyOver } = { onlyOver: undefined, ...gesture };
  const runs = new RunCollector();
  toolOf(gesture.tool).cover(context, gesture, (start, length, label) => {
    covered?.(start, length);
    context.labels.forEachRun(start, length, (before, runStart, runLength) => {
      if (onlyOver === undefined || before === onlyOver) runs.add(runStart, runLength, before, label);
    });
  });
  return runs.finish();
}

import { isDataTool } from '../../src/core/tools/data-tool.ts';
import type { Gesture } from '../../src/core/tools/known-tools.ts';
import type { Hand, Tool } from '../../src/core/tools/tool.ts';
import type { DrawnGesture, GestureListener } from '../../src/webview/tools/open-gesture.ts';

/**
 * What a tool draws when it is taken in hand. Of a tool that looks at the image it is an answer made up: so many
 * voxels, a few apart, from the linear offset `from` on.
 */
export function gestureOf(tool: Tool, hand: Hand, from = 3): Gesture {
  if (!isDataTool(tool)) return tool.begin(hand) as Gesture;
  const { plane, slice, label, onlyOver } = tool.begin(hand);
  return {
    tool: tool.id,
    plane,
    slice,
    label,
    ...(onlyOver !== undefined && { onlyOver }),
    covered: [from, 5, label, 2, 1, label, 40, 7, label],
  } as Gesture;
}

/** Takes what a gesture sends. It is of a tool that asks nothing of the image. */
export function sendsTo(sent: DrawnGesture[]): GestureListener {
  return {
    send: (drawn) => void sent.push(drawn),
    ask: () => Promise.reject(new Error('This tool should ask nothing.')),
    answered: () => undefined,
    progressed: () => undefined,
    failed: (error) => {
      throw error;
    },
  };
}

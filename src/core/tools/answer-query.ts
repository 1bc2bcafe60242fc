import * as v from 'valibot';
import { CoveredRunsBuilder } from './covered-runs.ts';
import { isDataTool } from './data-tool.ts';
import { type Gesture, parseGesture, toolOf } from './known-tools.ts';
import { type DataContext, InvalidGestureError } from './tool.ts';

const SMALLER = { instead: 'Draw in a single slice instead.' };

/** A query travels in this form before it is known whether this version has the tool. */
export const sentQuery = v.looseObject({ tool: v.string() });

/**
 * Works out what a query draws. The answer is a gesture: it can be drawn, sent and drawn again as any other.
 * @throws UnknownToolError
 * @throws InvalidGestureError for what no page of this version sends, and for an answer that no message can hold
 * @throws CancelledError
 */
export async function answerQuery(context: DataContext, sent: v.InferOutput<typeof sentQuery>): Promise<Gesture> {
  const tool = toolOf(sent.tool);
  if (!isDataTool(tool)) throw new InvalidGestureError(`${tool.title} asks nothing of the image`);
  const parsed = v.safeParse(tool.query, sent);
  if (!parsed.success)
    throw new InvalidGestureError('it is not what the tool asks', { cause: v.summarize(parsed.issues) });
  const query = parsed.output;
  const runs = new CoveredRunsBuilder();
  try {
    await tool.answer(context, query, runs.paint);
  } catch (cause) {
    // This is what a failed allocation throws.
    if (cause instanceof RangeError)
      throw new InvalidGestureError('there is not enough memory for it', { cause, ...SMALLER });
    throw cause;
  }
  const { plane, slice, label, onlyOver } = query;
  return parseGesture({
    tool: query.tool,
    plane,
    slice,
    label,
    ...(onlyOver !== undefined && { onlyOver }),
    covered: runs.finish(),
  });
}

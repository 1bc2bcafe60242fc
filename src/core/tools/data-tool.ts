import * as v from 'valibot';
import { count } from '../basic-schemas.ts';
import { coveredRuns, paintCovered } from './covered-runs.ts';
import { gestureEntries } from './gesture-schemas.ts';
import type { DataTool, Tool, ToolQuery } from './tool.ts';

/** Every query says this (see `ToolQuery`). */
export const queryEntries = { ...gestureEntries, timeIndex: count };

/** What a tool draws that has looked at the image: the answer to its query. */
function coveringGesture<const Id extends string>(id: Id) {
  return v.strictObject({ tool: v.literal(id), ...gestureEntries, covered: coveredRuns });
}

type QuerySchema = v.GenericSchema<unknown, ToolQuery>;
type CoveringGesture<Id extends string> = ReturnType<typeof coveringGesture<Id>>;

/** A tool's own part: the gesture, and what it covers, are the same for all that look at the image. */
type OwnPart<Id extends string, Query extends QuerySchema> = Omit<
  DataTool<Query, CoveringGesture<Id>>,
  'gesture' | 'cover' | 'workOf' | 'id'
> & { readonly id: Id };

/** Makes a tool that looks at the image of its own part. */
export function defineDataTool<const Id extends string, Query extends QuerySchema>(
  tool: OwnPart<Id, Query>,
): DataTool<Query, CoveringGesture<Id>> {
  return {
    ...tool,
    gesture: coveringGesture(tool.id),
    cover: (context, { covered }, paint) => paintCovered(context, covered, paint),
  };
}

/** Says whether the tool must look at the image before anybody knows what it draws. */
export function isDataTool(tool: Tool): tool is DataTool {
  return 'answer' in tool;
}

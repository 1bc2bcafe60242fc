import * as v from 'valibot';
import { VoxelLoopError } from '../errors.ts';
import type { Vec3 } from '../geometry/vector.ts';
import { TOOLS } from './registry.ts';
import { type GridPoint, InvalidGestureError, type Tool } from './tool.ts';
import type { SettingValues, ToolSetting } from './tool-setting.ts';

/** A message, or something that was saved, names a tool that this version has not. Nothing is drawn. */
export class UnknownToolError extends VoxelLoopError {
  readonly code = 'unknown-tool';

  constructor(id: string) {
    super(`There is no tool “${id}” in this version of Voxel Loop. Reload the window, and choose another tool.`);
  }
}

type GestureSchema = (typeof TOOLS)[number]['gesture'];

/** What a person did with one of the tools. */
export type Gesture = v.InferOutput<GestureSchema>;

/** What a person points at with a tool that must look at the image. */
export type Query = v.InferOutput<typeof toolQuery>;

/** What a person did with a tool that is dragged. */
export type DraggedGesture = Extract<Gesture, { readonly path: readonly GridPoint[] }>;

/**
 * All that a person can draw, told apart by the tool, as it travels to the host and as an earlier page may have left
 * it.
 */
export const toolGesture: v.GenericSchema<unknown, Gesture> = v.variant(
  'tool',
  TOOLS.map(({ gesture }) => gesture),
);

/** All that a person can point at with a tool that looks at the image, as an earlier page may have left it. */
export const toolQuery = v.variant(
  'tool',
  TOOLS.flatMap((tool) => ('query' in tool ? [tool.query] : [])),
);

const BY_ID: ReadonlyMap<string, Tool> = new Map(TOOLS.map((tool): [string, Tool] => [tool.id, tool]));

/** Says whether there is such a tool. */
export function isTool(id: string): boolean {
  return BY_ID.has(id);
}

/**
 * A gesture travels in this form before it is known whether this version has the tool: `parseGesture` says that better
 * than a schema can.
 */
export const sentGesture = v.looseObject({ tool: v.string() });

/**
 * @throws UnknownToolError
 * @throws InvalidGestureError for what no page of this version sends
 */
export function parseGesture(sent: v.InferInput<typeof sentGesture>): Gesture {
  toolOf(sent.tool);
  const parsed = v.safeParse(toolGesture, sent);
  if (!parsed.success)
    throw new InvalidGestureError('it is not what the tool draws', { cause: v.summarize(parsed.issues) });
  return parsed.output;
}

/** @throws UnknownToolError */
export function toolOf(id: string): Tool {
  const tool = BY_ID.get(id);
  if (!tool) throw new UnknownToolError(id);
  return tool;
}

/** Says whether a gesture may go on after it began (see `Tool.cover`). */
export function isDragged(gesture: Gesture): gesture is DraggedGesture {
  return 'path' in gesture;
}

/** All settings, each once, whichever tools share it. */
export const TOOL_SETTINGS: readonly ToolSetting[] = [
  ...new Map(TOOLS.flatMap(({ settings }) => settings).map((setting) => [setting.name, setting])).values(),
];

/** Returns what is set before anybody set anything, in a volume of these voxels. */
export function freshSettings(spacingMm: Vec3): SettingValues {
  return Object.fromEntries(TOOL_SETTINGS.map(({ name, fresh }) => [name, fresh(spacingMm)]));
}

/** Returns what was saved of the settings; those that it lacks, or that are none, are as in `fresh`. */
export function restoredSettings(saved: Readonly<Record<string, unknown>>, fresh: SettingValues): SettingValues {
  return Object.fromEntries(
    TOOL_SETTINGS.map(({ name, schema }) => {
      const parsed = v.safeParse(schema, saved[name]);
      return [name, parsed.success ? parsed.output : fresh[name]];
    }),
  );
}

/** Names what the host tells a page whose user ran the tool's command. */
export function toolAction(id: string): `tool-${string}` {
  return `tool-${id}`;
}

/** Names the command that takes a tool in hand, without the extension's prefix: `toolBrush`. */
export function toolCommand(id: string): string {
  return `tool${id[0].toUpperCase()}${id.slice(1)}`;
}

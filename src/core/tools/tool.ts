import type { GenericSchema, InferOutput } from 'valibot';
import { VoxelLoopError } from '../errors.ts';
import type { PlaneName, SlicePlane } from '../geometry/slice-plane.ts';
import type { VoxelBox } from '../geometry/voxel-box.ts';
import type { ReadonlyLabelMap } from '../label/label-map.ts';
import type { SettingValues, ToolSetting } from './tool-setting.ts';

/** A gesture that cannot be drawn: it has no point, a number that is none, or a slice that the volume has not. */
export class InvalidGestureError extends VoxelLoopError {
  readonly code = 'invalid-gesture';

  /** @param options.instead the next step, as a sentence, where the same again would end the same */
  constructor(reason: string, { cause, instead = 'Try again.' }: { cause?: unknown; instead?: string } = {}) {
    super(`This cannot be drawn (${reason}). ${instead}`, cause === undefined ? undefined : { cause });
  }
}

/**
 * So much work (see `Tool.workOf`) one gesture may ask for. The host plans it on the thread that answers VS Code, and
 * two million rows of a ball take it about a second. A page ends a longer stroke here and goes on with another one.
 */
export const MOST_WORK = 2e6;

/** Voxel coordinates along a plane's column axis and row axis; voxel centres lie at integers. */
export type GridPoint = readonly [number, number];

/** Every gesture says with which tool, on which slice, and with what label it draws. */
export interface ToolGesture {
  readonly tool: string;
  readonly plane: PlaneName;
  /** The index along the plane's normal axis. */
  readonly slice: number;
  /** The dense label to draw; 0 erases. */
  readonly label: number;
  /**
   * The gesture draws only where this label is now; without it, everywhere. (With 0 it never draws over another label.)
   */
  readonly onlyOver?: number;
  /** The way that the pointer went, for tools that are dragged. It may be drawn piece by piece. */
  readonly path?: readonly GridPoint[];
}

/** What a person holds when a gesture begins, and where it begins. */
export interface Hand {
  readonly plane: PlaneName;
  /** The plane of that name, which knows the grid: a tool may have to know how large its work is. */
  readonly slicePlane: SlicePlane;
  readonly slice: number;
  readonly at: GridPoint;
  /** Where the pointer has gone since, for tools that are held (`GestureKind`). */
  readonly to?: GridPoint;
  /** The time point that is shown. */
  readonly timeIndex: number;
  readonly settings: SettingValues;
  /** The active label. */
  readonly label: number;
  /** The paint-over rule: draw only where this label is. It is undefined where the gesture may draw everywhere. */
  readonly onlyOver: number | undefined;
  /** The eraser end of a pen, or another way to say that this gesture erases whatever the tool draws. */
  readonly erases: boolean;
  /** Ctrl, or Cmd, is held: what that means is the tool's to say. */
  readonly alternative: boolean;
}

/**
 * What a tool plans in. The active label and the paint-over rule travel in the gesture, because the host must plan with
 * what the page had in hand, whatever the page holds by then.
 */
export interface ToolContext {
  /** They hold the grid as well. */
  readonly planes: Readonly<Record<PlaneName, SlicePlane>>;
  /**
   * The labels as a person sees them: those that are drawn, and where nothing is, those of the proposal that waits.
   * They are read where they are needed.
   */
  readonly labels: Pick<ReadonlyLabelMap, 'forEachRun' | 'get'>;
}

/** Gives `length` voxels from the linear offset `start` a label, as far as the paint-over rule lets it. */
export type Paint = (start: number, length: number, label: number) => void;

/** A key of the keyboard that takes a tool in hand; letters are in lower case. */
export interface ToolKey {
  readonly letter: string;
  readonly shift?: true;
}

/**
 * How a gesture goes on after the pointer went down, as a state machine of the page (`webview/tools/machines.ts`): a
 * `drag` is drawn along the pointer's path and ends when it goes up, a `click` is drawn at once, and what is `held` shows
 * another gesture wherever the pointer goes, and is drawn when it goes up.
 */
export type GestureKind = 'drag' | 'click' | 'hold';

/**
 * What shows where the pointer is: the disc that a tool of this radius paints in the slice, the ball that it paints,
 * cut by every plane, a point, or while it is held the disc out to the pointer around the point where it went down.
 */
export type ToolCursor = 'disc' | 'ball' | 'point' | 'sample';

/** A schema whose output is a gesture: strict, and told apart from the others by the literal `tool`. */
type GestureSchema = GenericSchema<unknown, ToolGesture>;

/** What is to be known of every tool. */
interface ToolFacts<Schema extends GestureSchema> {
  /** It stands in messages and in saved views, so it never changes. */
  readonly id: string;
  readonly title: string;
  /** SVG path data in a box of 16 x 16. It is drawn as a line in the colour of the text. */
  readonly icon: string;
  readonly key: ToolKey;
  /** One line for the help. */
  readonly help: string;
  /**
   * It is true when the tool always takes labels away: then it works on labels that are hidden, and its cursor says so.
   */
  readonly erases: boolean;
  readonly gestureKind: GestureKind;
  readonly cursor: ToolCursor;
  /** The settings of the tool. A setting that several tools name is one: brush and eraser have one size. */
  readonly settings: readonly ToolSetting[];
  /**
   * The schema of what travels to the host. It refuses what no page sends, and bounds the work that a message can
   * cause.
   */
  readonly gesture: Schema;
  /** Says what the person did, for VS Code's undo menu. */
  editTitle(gesture: InferOutput<Schema>): string;
  /**
   * Says how much work a segment of the path is, for tools where that may be much (`MOST_WORK`). A path of one point is a
   * segment from it to itself. Absent: points alone bound a path.
   */
  workOf?(plane: SlicePlane, gesture: InferOutput<Schema>, segment: readonly [GridPoint, GridPoint]): number;
  /**
   * Paints all voxels that the gesture covers, in ascending order and each once, those that have the label already and
   * those that the paint-over rule spares included: slices that are covered take their proposal over. The pieces of a
   * gesture's path must cover together what the whole covers.
   * @throws InvalidGestureError
   */
  cover(context: ToolContext, gesture: InferOutput<Schema>, paint: Paint): void;
}

/**
 * A tool that needs only geometry and labels. It is planned twice, by the page at once and by the host when the gesture
 * ends, so everything here is pure and asks only the context.
 */
export interface ShapeTool<Schema extends GestureSchema = GestureSchema> extends ToolFacts<Schema> {
  /** Returns the gesture when the pointer goes down. */
  begin(hand: Hand): InferOutput<Schema>;
}

/** What a person points at with a tool that must look at the image before anybody knows what it will draw. */
export interface ToolQuery extends Omit<ToolGesture, 'path'> {
  /** It looks at this time point. */
  readonly timeIndex: number;
}

/** A schema whose output is a query: strict, as that of a gesture is. */
type QuerySchema = GenericSchema<unknown, ToolQuery>;

/** What a query is answered in, near the voxels. */
export interface DataContext {
  readonly planes: ToolContext['planes'];
  /**
   * Returns the real-world values in a box of the volume at a time point, i fastest; of colours, their luma.
   * @throws what reading the file throws
   */
  image(box: VoxelBox, timeIndex: number): Promise<Float32Array>;
  /** Returns the labels in a box as a person sees them (`ToolContext.labels`), i fastest. */
  labels(box: VoxelBox): Promise<Uint16Array>;
  /** Tells the share of the work that is done, 0 to 1. */
  progress(fraction: number): void;
  /**
   * Long work calls this between its steps: others are served, and it ends here if nobody wants the answer any more.
   * @throws CancelledError
   */
  breathe(): Promise<void>;
}

/**
 * A tool that needs the voxels of the image. What it draws is worked out once, in the process that has them, and shown
 * in the page as it comes. The gesture holds the answer itself, so what a person has seen is what is drawn, on the host
 * and after a restart as well.
 */
export interface DataTool<Query extends QuerySchema = QuerySchema, Schema extends GestureSchema = GestureSchema>
  extends ToolFacts<Schema> {
  /** The schema of what travels to where the voxels are. */
  readonly query: Query;
  /** Returns the query when the pointer goes down, and whenever it has gone on while it is held. */
  begin(hand: Hand): InferOutput<Query>;
  /**
   * Paints all voxels that the answer covers, in ascending order and each once.
   * @throws InvalidGestureError
   * @throws CancelledError
   */
  answer(context: DataContext, query: InferOutput<Query>, paint: Paint): Promise<void>;
}

/** An annotation tool: all that is to be known of it. */
export type Tool = ShapeTool | DataTool;

/** Gives a tool its types; there is nothing else to it. */
export function defineTool<Schema extends GestureSchema>(tool: ShapeTool<Schema>): ShapeTool<Schema> {
  return tool;
}

import { brush } from './brush/brush.ts';
import { eraser } from './eraser/eraser.ts';

/** Every annotation tool there is, in the order in which they are shown. `known-tools.ts` makes of it what others need. */
export const TOOLS = [brush, eraser] as const;

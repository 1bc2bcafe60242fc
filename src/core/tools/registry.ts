import { ball } from './ball/ball.ts';
import { brush } from './brush/brush.ts';
import { eraser } from './eraser/eraser.ts';
import { fill } from './fill/fill.ts';
import { grow } from './grow/grow.ts';

/**
 * These are all annotation tools, in the order in which they are shown. `known-tools.ts` makes of them what others
 * need.
 */
export const TOOLS = [brush, eraser, ball, fill, grow] as const;

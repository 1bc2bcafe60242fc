/**
 * How a level's images lie in memory: `plain` `[batch, channels, ...space]`, or in 2x2 `blocks` (see `ops/blocks.ts`), which is
 * faster for few channels on some CPUs and possible in prediction only.
 */
export type Layout = 'plain' | 'blocks';

/** From which layout to which a layer works. */
export interface LayoutChange {
  readonly from: Layout;
  readonly to: Layout;
}

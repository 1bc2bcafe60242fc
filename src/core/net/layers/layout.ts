/**
 * How a level's images lie in memory: `plain` is `[batch, channels, ...space]`; `blocks` are 2x2 blocks (see
 * `ops/blocks.ts`), which are faster for few channels on some CPUs and possible in prediction only.
 */
export type Layout = 'plain' | 'blocks';

/** A layer works from one layout to the other. */
export interface LayoutChange {
  readonly from: Layout;
  readonly to: Layout;
}

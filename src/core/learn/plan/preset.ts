import * as v from 'valibot';

/** A plan is made from the network of the project's source, of its paper, or from one that fits the cohort. */
export const presetName = v.picklist(['seed', 'paper', 'auto']);
export type PresetName = v.InferOutput<typeof presetName>;

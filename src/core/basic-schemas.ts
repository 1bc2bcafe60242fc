import * as v from 'valibot';

/** These run-time schemas are parts of those of more than one folder. */

export const integer = v.pipe(v.number(), v.safeInteger());
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const bytes = v.instance(Uint8Array);
export const vec3 = v.tuple([v.number(), v.number(), v.number()]);
export const nothing = v.strictObject({});
export const notNegative = v.pipe(v.number(), v.minValue(0));
/** A part of a whole, 0..1. */
export const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Fields of `SliceProvenance` as they stand in JSON. */
export const sliceProvenanceEntries = {
  source: v.exactOptional(v.literal('imported')),
  modelVersion: v.exactOptional(count),
  editedVoxels: v.exactOptional(count),
  seconds: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  who: v.exactOptional(v.string()),
  when: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
};

export const sliceProvenance = v.strictObject(sliceProvenanceEntries);

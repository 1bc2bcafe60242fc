import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The fields of `SliceProvenance` as they stand in JSON. */
export const sliceProvenanceEntries = {
  source: v.exactOptional(v.literal('imported')),
  modelVersion: v.exactOptional(count),
  proposal: v.exactOptional(v.string()),
  editedVoxels: v.exactOptional(count),
  who: v.exactOptional(v.string()),
  when: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  unseen: v.exactOptional(v.literal(true)),
  adjudicatedWith: v.exactOptional(v.string()),
  adjudication: v.exactOptional(v.picklist(['mine', 'theirs', 'edited'])),
};

export const sliceProvenance = v.strictObject(sliceProvenanceEntries);

/** The fields of `SliceFigures` as they stand in JSON. */
export const sliceFiguresEntries = {
  seconds: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  change: v.exactOptional(
    v.strictObject({
      model: count,
      voxels: count,
      labels: v.array(v.strictTuple([v.pipe(v.number(), v.finite()), count, count, count])),
    }),
  ),
};

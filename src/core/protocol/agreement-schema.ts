import * as v from 'valibot';
import { count, integer } from '../basic-schemas.ts';
import type { CaseAgreement } from '../metrics/agreement.ts';

const score = v.nullable(v.number());

/** The schema of a `CaseAgreement`. */
export const caseAgreement = v.strictObject({
  id: v.string(),
  labels: v.array(
    v.strictObject({
      value: integer,
      name: v.string(),
      firstVoxels: count,
      secondVoxels: count,
      bothVoxels: count,
      firstMl: v.number(),
      secondMl: v.number(),
      dice: score,
      hd95Mm: score,
      surfaceDice: score,
      kappa: score,
    }),
  ),
  meanDice: score,
  kappa: score,
  differingVoxels: count,
  voxels: count,
}) satisfies v.GenericSchema<CaseAgreement>;

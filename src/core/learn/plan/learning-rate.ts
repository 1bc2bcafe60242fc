/**
 * How the learning rate falls over a run, as a share of its peak, by how much of the run is done (0..1). `cosine` is
 * half a cosine from 1 to 0 (Loshchilov and Hutter 2017, one period), `poly` is nnU-Net's.
 */
export const schedules = {
  constant: () => 1,
  cosine: (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)),
  poly: (progress) => (1 - progress) ** 0.9,
} as const satisfies Record<string, (progress: number) => number>;

export type ScheduleName = keyof typeof schedules;

/** What a plan says of the learning rate. */
export interface LearningRatePlan {
  readonly optimizer: {
    /** The rate at its peak. */
    readonly learningRate: number;
  };
  readonly schedule: {
    readonly kind: ScheduleName;
    /** The rate rises linearly from 0 over so many steps; 0 means that it starts at its peak. */
    readonly warmUpSteps: number;
  };
}

/**
 * Computes the learning rate of a step: peak x warm-up x schedule.
 *
 * @param step steps done before this one
 * @param progress how much of the run is done, 0..1 (of its epochs or of its minutes); beyond 1 counts as 1
 */
export function learningRate({ optimizer, schedule }: LearningRatePlan, step: number, progress: number): number {
  const warmUp = schedule.warmUpSteps === 0 ? 1 : Math.min(1, (step + 1) / schedule.warmUpSteps);
  return optimizer.learningRate * warmUp * schedules[schedule.kind](Math.min(1, progress));
}

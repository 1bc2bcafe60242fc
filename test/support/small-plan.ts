import type { Plan } from '../../src/core/learn/plan/plan.ts';
import { BALL_LABELS } from './learn-cases.ts';

/** A plan whose network learns in milliseconds, for tests of what happens around it. */
export const SMALL_PLAN: Plan = {
  format: 2,
  preset: 'auto',
  labels: BALL_LABELS,
  channels: [{ name: 'image', normalization: { kind: 'z-score' } }],
  slicing: 'axial',
  furtherSlicings: [],
  neighbours: 0,
  crop: 'none',
  plane: { kind: 'spacing', rowSpacingMm: 1, columnSpacingMm: 1, rows: 8, columns: 8 },
  network: {
    ...{ kind: 'unet', spaceAxes: 2, inChannels: 1, classes: 3, baseFilters: 4, levels: 1, convolutionsPerLevel: 1 },
    ...{ normalisation: 'instance', activation: 'leaky-relu', upsamplingKernel: 2 },
  },
  initialization: 'he',
  loss: 'dice-ce',
  optimizer: { kind: 'adam', learningRate: 0.01 },
  gradientClip: null,
  averageDecay: null,
  schedule: { kind: 'cosine', warmUpSteps: 3, warmStartPeak: 1 },
  batch: { size: 4, foregroundShare: 0.5, hardShare: 0 },
  augmentation: {
    mirror: [],
    affine: { probability: 0, rotationDegrees: 0, scale: 0, shift: 0 },
    elastic: { probability: 0, displacementPixels: 0, gridPixels: 8 },
    intensity: { probability: 0, contrast: 0, brightness: 0 },
    gamma: { probability: 0, low: 1, high: 1 },
    noise: { probability: 0, standardDeviation: 0 },
    blur: { probability: 0, sigmaPixels: 0 },
    lowResolution: { probability: 0, factor: 1 },
  },
  prediction: { window: 'whole', mirror: [], cleanUp: [{ kind: 'none' }, { kind: 'none' }] },
};

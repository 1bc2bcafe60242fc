import type { Augmentation } from '../../plan/plan.ts';

/** Says what augmentation does: each kind that ever happens has a line of its own, with how often it happens. */
export function describeAugmentation(augmentation: Augmentation): string[] {
  const { mirror, affine, elastic, intensity, gamma, noise, blur, lowResolution } = augmentation;
  const kinds: { readonly probability: number; readonly what: string }[] = [
    ...mirror.map((axis) => ({ probability: 0.5, what: `mirrored ${axis}` })),
    {
      probability: affine.probability,
      what: `turned by up to ${affine.rotationDegrees} degrees, scaled by ${figure(1 - affine.scale)} to ${figure(1 + affine.scale)}, shifted by up to ${percent(affine.shift)} of the plane`,
    },
    {
      probability: elastic.probability,
      what: `bent smoothly, by ${figure(elastic.displacementPixels)} pixels (standard deviation) from one ${figure(elastic.gridPixels)} pixels to the next`,
    },
    { probability: blur.probability, what: `blurred with a sigma of up to ${figure(blur.sigmaPixels)} pixels` },
    {
      probability: lowResolution.probability,
      what: `seen with pixels up to ${figure(lowResolution.factor)} times as coarse`,
    },
    {
      probability: noise.probability,
      what: `noise of up to ${figure(noise.standardDeviation)} standard deviations of the image`,
    },
    {
      probability: intensity.probability,
      what: `contrast times ${figure(1 - intensity.contrast)} to ${figure(1 + intensity.contrast)}, brightness changed by up to ${figure(intensity.brightness)} standard deviations`,
    },
    { probability: gamma.probability, what: `range to the power of ${figure(gamma.low)} to ${figure(gamma.high)}` },
  ];
  return kinds
    .filter(({ probability }) => probability > 0)
    .map(({ probability, what }) => `${percent(probability)} of the slices: ${what}`);
}

function percent(share: number): string {
  return `${figure(100 * share)} %`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

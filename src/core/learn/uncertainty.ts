/** Pixels that are background with at least this probability do not count. */
const CERTAIN_BACKGROUND = 0.95;
/** A speck of doubt weighs as if spread over this many pixels. */
const FEWEST_PIXELS = 16;

/**
 * How unsure a network is of one slice: the mean entropy (over the logarithm of the number of classes, so 0..1) of the
 * pixels that may be foreground, which are the masks and their blurred borders. A slice of sure background scores 0,
 * sharp masks score low, wide smears score high, whatever the size of the organ.
 *
 * @param probabilities by class: `pixels` numbers each
 */
export function sliceUncertainty(probabilities: readonly Float32Array[], pixels: number): number {
  let entropy = 0;
  let counted = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (probabilities[0][pixel] >= CERTAIN_BACKGROUND) continue;
    counted++;
    for (const ofClass of probabilities) {
      const probability = ofClass[pixel];
      if (probability > 0) entropy -= probability * Math.log(probability);
    }
  }
  const mean = entropy / Math.log(probabilities.length) / Math.max(counted, FEWEST_PIXELS);
  // Resampled probabilities may sum to a little more than 1.
  return Math.min(1, Math.max(0, mean));
}

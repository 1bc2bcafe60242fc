import { quantile } from '../../metrics/quantile.ts';

/** Quantiles are taken of at most so many pixels, evenly spread. */
const SAMPLES = 4096;

/** One slice as the network sees it, at its natural size, with its labels. */
export interface DescribedSlice {
  readonly rows: number;
  readonly columns: number;
  /** Normalised intensities `[channel, row, column]`. */
  readonly planes: Float32Array;
  /** `[row, column]`: a class of 0 or less is background. */
  readonly classes: Int16Array;
}

/** Names the features that `sliceFeatures` gives, in its order. */
export function featureNames(channels: number, labels: number): string[] {
  const ofChannels = Array.from({ length: channels }, (_, channel) =>
    ['10th percentile', 'median', '90th percentile', 'roughness', 'inside', 'contrast'].map(
      (name) => `channel ${channel} ${name}`,
    ),
  );
  const ofLabels = Array.from({ length: labels - 1 }, (_, index) => `label ${index + 1} extent`);
  return [...ofChannels.flat(), ...ofLabels, 'compactness'];
}

/**
 * Describes a slice in a few numbers, by which it can be told whether it is like others: for each channel intensities
 * (after the plan's normalisation) of the whole slice and of the labels, the mean step from pixel to pixel (noise,
 * blur) and how much brighter the labels are than the rest; for each label the square root of its pixels; and how much
 * of their bounding box the labels fill. A slice without labels has the median as "inside" and no contrast.
 *
 * @param labels number of labels, background included
 */
export function sliceFeatures({ rows, columns, planes, classes }: DescribedSlice, labels: number): number[] {
  const pixels = rows * columns;
  const areas = new Array<number>(labels).fill(0);
  let [top, bottom, left, right] = [rows, -1, columns, -1];
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (classes[pixel] <= 0) continue;
    areas[classes[pixel]]++;
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    top = Math.min(top, row);
    bottom = row;
    left = Math.min(left, column);
    right = Math.max(right, column);
  }
  const area = areas.reduce((sum, each) => sum + each, 0);
  const features: number[] = [];
  for (let start = 0; start < planes.length; start += pixels) {
    features.push(...channelFeatures(planes.subarray(start, start + pixels), classes, columns, area));
  }
  features.push(...areas.slice(1).map(Math.sqrt));
  features.push(area === 0 ? 0 : area / ((bottom - top + 1) * (right - left + 1)));
  return features;
}

function channelFeatures(plane: Float32Array, classes: Int16Array, columns: number, area: number): number[] {
  const stride = Math.max(1, Math.ceil(plane.length / SAMPLES));
  const sample = plane.filter((_, pixel) => pixel % stride === 0).sort();
  let [inside, all, steps] = [0, 0, 0];
  for (let pixel = 0; pixel < plane.length; pixel++) {
    all += plane[pixel];
    if (classes[pixel] > 0) inside += plane[pixel];
    if (pixel % columns > 0) steps += Math.abs(plane[pixel] - plane[pixel - 1]);
  }
  const median = quantile(sample, 0.5);
  const meanInside = area === 0 ? median : inside / area;
  const meanOutside = area === plane.length ? meanInside : (all - inside) / (plane.length - area);
  return [
    quantile(sample, 0.1),
    median,
    quantile(sample, 0.9),
    steps / Math.max(1, plane.length - plane.length / columns),
    meanInside,
    area === 0 ? 0 : meanInside - meanOutside,
  ];
}

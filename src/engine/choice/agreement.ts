import type { Trial } from './trial.ts';

/**
 * Losses of engines that compute in float32 may lie so far apart: GPUs add in another order, and a wrong kernel is off
 * by far more.
 */
const MOST_LOSS_APART = 1e-4;
const MOST_PROBABILITY_APART = 1e-3;
/**
 * Weights are apart by a learning rate and more where a gradient near zero has another sign, because Adam divides by
 * its size.
 */
const MOST_WEIGHT_APART = 1e-2;
/**
 * Losses of float32 engines are compared digit by digit over so many steps; later ones drift apart, for the same
 * reason.
 */
const EXACT_STEPS = 3;

/** Engines that compute in fewer bits must agree in what a person would see. */
const LEAST_EQUAL_CLASSES = 0.999;
const MOST_LOSS_RATIO_APART = 0.01;

export interface EngineAgreement {
  readonly predicts: boolean;
  readonly trains: boolean;
  /** In a few words, such as "probabilities to 1.2e-6, losses to 3e-7". */
  readonly findings: string;
}

/**
 * Says whether an engine gives the results of the reference.
 * @param reducedPrecision it may compute in TF32 or float16, and is judged by the classes and by where training arrives
 */
export function agreement(reference: Trial, found: Trial, reducedPrecision: boolean): EngineAgreement {
  const probabilities = worst(reference.probabilities, found.probabilities);
  const training = compareTraining(reference, found);
  if (probabilities <= MOST_PROBABILITY_APART || !reducedPrecision) {
    return {
      predicts: probabilities <= MOST_PROBABILITY_APART,
      trains: training.exact || (reducedPrecision && training.close),
      findings: `probabilities to ${figure(probabilities)}, ${training.findings}`,
    };
  }
  const equal = equalClasses(reference, found);
  return {
    predicts: equal >= LEAST_EQUAL_CLASSES,
    trains: training.exact || training.close,
    findings: `${(100 * equal).toFixed(2)} % of the pixels alike, ${training.findings}`,
  };
}

function compareTraining(reference: Trial, found: Trial) {
  const [a, b] = [reference.training, found.training];
  if (!a || !b) return { exact: false, close: false, findings: 'does not train' };
  const early = (losses: readonly (readonly number[])[]) => losses.map((each) => each.slice(0, EXACT_STEPS));
  const losses = worst(early(a.losses), early(b.losses));
  const weights = worst(a.weights, b.weights);
  const apart = a.losses.map((each, network) => {
    const [wanted, got] = [each.at(-1) ?? 0, b.losses[network]?.at(-1) ?? Number.NaN];
    return Math.abs(got - wanted) / Math.abs(wanted);
  });
  return {
    exact: losses <= MOST_LOSS_APART && weights <= MOST_WEIGHT_APART,
    close: apart.every((each) => each <= MOST_LOSS_RATIO_APART),
    findings: `losses to ${figure(losses)}`,
  };
}

/** Returns the largest difference. It is infinite where one is not a number or the lists do not match. */
function worst(expected: readonly ArrayLike<number>[], actual: readonly ArrayLike<number>[]): number {
  let most = 0;
  for (const [index, list] of expected.entries()) {
    const other = actual[index];
    if (other?.length !== list.length) return Number.POSITIVE_INFINITY;
    for (let at = 0; at < list.length; at++) {
      const difference = Math.abs((list[at] as number) - (other[at] as number));
      if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
      most = Math.max(most, difference);
    }
  }
  return most;
}

function equalClasses(reference: Trial, found: Trial): number {
  let [equal, pixels] = [0, 0];
  for (const [network, probabilities] of reference.probabilities.entries()) {
    const classes = reference.classes[network] as number;
    const other = found.probabilities[network];
    if (other?.length !== probabilities.length) return 0;
    const area = probabilities.length / classes / reference.images;
    for (let pixel = 0; pixel < reference.images * area; pixel++) {
      const at = Math.floor(pixel / area) * classes * area + (pixel % area);
      pixels++;
      if (argmax(probabilities, at, area, classes) === argmax(other, at, area, classes)) equal++;
    }
  }
  return equal / pixels;
}

function argmax(values: Float32Array, at: number, stride: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if ((values[at + c * stride] as number) > (values[at + best * stride] as number)) best = c;
  }
  return best;
}

const figure = (value: number) => (Number.isFinite(value) ? value.toExponential(0) : 'no number');

import { knownSize } from '../graph/shape.ts';
import { dimOf, type Tensor } from '../graph/tensor.ts';
import { sigmoid } from '../ops/activation.ts';
import { subtract } from '../ops/arithmetic.ts';
import { blockedPointwise } from '../ops/blocks.ts';
import { convolution } from '../ops/convolution.ts';
import { samePadding } from '../ops/padding.ts';
import { permuteAxis } from '../ops/rearrange.ts';
import { softmaxOverClasses } from '../ops/softmax.ts';
import type { Layout } from './layout.ts';
import type { ParameterSource } from './parameters.ts';

/** What a network says about each pixel. */
export interface ClassScores {
  /** `[batch, classes, ...space]`: for two classes each one's margin over the other, else the logits. */
  readonly scores: Tensor;
  /** Softmax of the logits over the classes, `[batch, classes, ...space]`. */
  readonly probabilities: Tensor;
}

/**
 * A 1x1 convolution to one logit per class, then softmax over the classes.
 *
 * For two classes softmax(z)_c = 1 / (1 + e^(z_other - z_c)), the sigmoid of the margin z_c - z_other; and the margins
 * are the same convolution with the difference of its weights. That replaces five passes over the image by one, and
 * gives the same numbers.
 *
 * The parameters are `NAME.weight` `[classes, in, 1, 1]` and `NAME.bias` `[classes]`: those of the logits, whatever the
 * number of classes.
 *
 * @param layout the layout of the input; scores and probabilities are plain
 */
export function classificationHead(
  x: Tensor,
  name: string,
  parameters: ParameterSource,
  classes: number,
  layout: Layout = 'plain',
): ClassScores {
  const inputs = knownSize(dimOf(x, 1)) / (layout === 'blocks' ? 4 : 1);
  const kernel = x.shape.slice(2).map(() => 1);
  const weight = parameters({
    name: `${name}.weight`,
    shape: [classes, inputs, ...kernel],
    role: { kind: 'kernel', fanIn: inputs },
  });
  const bias = parameters({ name: `${name}.bias`, shape: [classes], role: { kind: 'bias' } });
  const pointwise = (w: Tensor, b: Tensor): Tensor =>
    layout === 'blocks' ? blockedPointwise(x, w, b) : convolution(x, w, b, samePadding(kernel));
  if (classes === 2) {
    const scores = pointwise(minusOther(weight), minusOther(bias));
    return { scores, probabilities: sigmoid(scores) };
  }
  const scores = pointwise(weight, bias);
  return { scores, probabilities: softmaxOverClasses(scores) };
}

/** Computes `a[0] - a[1]` and `a[1] - a[0]` along the first axis. */
function minusOther(a: Tensor): Tensor {
  return subtract(a, permuteAxis(a, 0, [1, 0]));
}

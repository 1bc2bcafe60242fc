import { broadcastShape, type Shape, sameShape } from '../graph/shape.ts';
import { operation, scalar, type Tensor } from '../graph/tensor.ts';
import { reshape } from './rearrange.ts';
import { reduceSum } from './reduce.ts';

/**
 * The adjoint of broadcasting. A broadcast element is used many times, so its gradient is the sum over its uses: this
 * sums over the axes that were added or stretched from 1.
 */
export function sumToShape(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < added || (shape[axis - added] === 1 && gradient.shape[axis] !== 1));
  return reshape(reduceSum(gradient, axes), shape);
}

/** a + b. d(a + b) = da + db. */
export function add(a: Tensor, b: Tensor): Tensor {
  return operation('Add', [a, b], broadcastShape(a.shape, b.shape), {
    gradientRules: [(dy) => sumToShape(dy, a.shape), (dy) => sumToShape(dy, b.shape)],
  });
}

/** a - b. d(a - b) = da - db. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  return operation('Sub', [a, b], broadcastShape(a.shape, b.shape), {
    gradientRules: [(dy) => sumToShape(dy, a.shape), (dy) => sumToShape(negate(dy), b.shape)],
  });
}

/** a b, element by element. d(a b) = b da + a db. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  return operation('Mul', [a, b], broadcastShape(a.shape, b.shape), {
    gradientRules: [(dy) => sumToShape(multiply(dy, b), a.shape), (dy) => sumToShape(multiply(dy, a), b.shape)],
  });
}

/** a / b, element by element. d(a / b) = da / b - (a / b) db / b. */
export function divide(a: Tensor, b: Tensor): Tensor {
  const quotient: Tensor = operation('Div', [a, b], broadcastShape(a.shape, b.shape), {
    gradientRules: [
      (dy) => sumToShape(divide(dy, b), a.shape),
      (dy) => sumToShape(negate(divide(multiply(dy, quotient), b)), b.shape),
    ],
  });
  return quotient;
}

/** -a. */
export function negate(a: Tensor): Tensor {
  return operation('Neg', [a], a.shape, { gradientRules: [(dy) => negate(dy)] });
}

/** e^a. d(e^a) = e^a da. */
export function exponential(a: Tensor): Tensor {
  const result: Tensor = operation('Exp', [a], a.shape, { gradientRules: [(dy) => multiply(dy, result)] });
  return result;
}

/** The natural logarithm. d(log a) = da / a. */
export function logarithm(a: Tensor): Tensor {
  return operation('Log', [a], a.shape, { gradientRules: [(dy) => divide(dy, a)] });
}

/** The square root. d(sqrt a) = da / (2 sqrt a). */
export function squareRoot(a: Tensor): Tensor {
  const result: Tensor = operation('Sqrt', [a], a.shape, {
    gradientRules: [(dy) => divide(multiply(dy, scalar(0.5)), result)],
  });
  return result;
}

/** The larger of `a` and the number `floor`. The gradient passes where a > floor. */
export function atLeast(a: Tensor, floor: number): Tensor {
  return operation('Max', [a, scalar(floor)], a.shape, {
    gradientRules: [(dy) => multiply(dy, greater(a, scalar(floor))), null],
  });
}

/** 1 where a > b, else 0. It is not differentiable, being constant almost everywhere. */
export function greater(a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape(a.shape, b.shape);
  return toFloat(operation('Greater', [a, b], shape, { elementType: 'bool', gradientRules: [null, null] }));
}

/** 1 where a = b, else 0. It is not differentiable, being constant almost everywhere. */
export function equal(a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape(a.shape, b.shape);
  return toFloat(operation('Equal', [a, b], shape, { elementType: 'bool', gradientRules: [null, null] }));
}

/** ONNX's number for float32 in `TensorProto.DataType`. */
const onnxFloat32 = 1;

function toFloat(condition: Tensor): Tensor {
  return operation('Cast', [condition], condition.shape, { attributes: { to: onnxFloat32 }, gradientRules: [null] });
}

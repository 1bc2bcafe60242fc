import { broadcastShape } from '../graph/shape.ts';
import { composite, dimOf, operation, type Tensor } from '../graph/tensor.ts';
import { transpose } from './rearrange.ts';
import { reduceSum } from './reduce.ts';

/**
 * The product a b for each pair of matrices `[..., m, k]` and `[..., k, n]`. The networks here do not differentiate it.
 */
export function matMul(a: Tensor, b: Tensor): Tensor {
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return operation('MatMul', [a, b], [...batch, dimOf(a, a.shape.length - 2), dimOf(b, b.shape.length - 1)]);
}

/**
 * The product a b^T for each pair of matrices `[batch, m, k]` and `[batch, n, k]`. The CPU provider reads b as it lies;
 * elsewhere it is transposed first, because GPU providers send ONNX Runtime's fused operator back to the CPU with a
 * copy each way.
 */
export function matMulTransposed(a: Tensor, b: Tensor): Tensor {
  const shape = [dimOf(a, 0), dimOf(a, 1), dimOf(b, 1)];
  return composite([a, b], shape, (target) => {
    if (target === 'portable') return matMul(a, transpose(b, [0, 2, 1]));
    return operation('FusedMatMul', [a, b], shape, { domain: 'com.microsoft', attributes: { transB: 1 } });
  });
}

/**
 * The sum over the batch of a b^T, `[1, m, n]`. The batch stays outside the products, because ONNX Runtime divides it
 * between threads; the sum over pixels inside one product it does not divide.
 */
export function summedProduct(a: Tensor, b: Tensor): Tensor {
  return reduceSum(matMulTransposed(a, b), [0]);
}

import { readModelWeights } from '../../core/net/onnx/read-model.ts';
import { declareInputs } from '../../core/net/onnx/write-model.ts';

/** Kernels with at most so many channels out and in; measured with 4 and 8 on AVX-512. */
const narrow = { outputs: 4, inputs: 8 } as const;

/**
 * Keeps ONNX Runtime's CPU provider from computing narrow convolutions in its blocked layout.
 *
 * It lays out channels in blocks of 16 (AVX-512; 8 with AVX2) wherever a convolution's weights are constant. A layer with 4 channels then computes and
 * writes 16: for the first level of a network with f = 4 that takes twice the time of the ordinary kernel. An initializer that is also a graph input can be overridden
 * by the caller, so ONNX Runtime does not take it for a constant; nobody has to give it. The results are the same.
 *
 * @param model an ONNX prediction graph
 * @returns the same graph, with the weights of narrow convolutions declared as inputs
 */
export function exemptNarrowConvolutions(model: Uint8Array): Uint8Array {
  const kernels = [...readModelWeights(model)].filter(([, { shape }]) => {
    const [outputs = 0, inputs = 0] = shape;
    return shape.length >= 4 && outputs <= narrow.outputs && inputs <= narrow.inputs;
  });
  if (kernels.length === 0) return model;
  return declareInputs(
    model,
    kernels.map(([name, { shape }]) => ({ name, shape, elementType: 'float32' })),
  );
}

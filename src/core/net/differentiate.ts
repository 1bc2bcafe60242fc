import { describeShape, knownShape, sameShape } from './graph/shape.ts';
import { constant, sourcesOf, type Tensor } from './graph/tensor.ts';
import { add } from './ops/arithmetic.ts';

/**
 * Differentiates in reverse mode: it returns dL/dw for each w in `parameters`, as tensors of the same graph.
 *
 * This is the chain rule over a directed acyclic graph: visiting tensors in reverse topological order, a tensor's
 * gradient is complete (the sum over all its uses) when it is visited, and its rule (`Tensor.gradientRules`) then
 * passes it on to what it was computed from. Tensors that no parameter feeds are skipped, so that nothing is computed
 * for the network's input.
 *
 * @param loss a tensor with one element
 * @returns gradients in the order and with the shapes of `parameters`; zeros where the loss does not depend on one
 * @throws Error if an operator on the way has no rule: a mistake in this program
 */
export function gradients(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  const order = tensorsThatDependOn(new Set(parameters), loss);
  const gradientOf = new Map<Tensor, Tensor>();
  gradientOf.set(loss, filled(1, loss));

  for (const tensor of [...order].reverse()) {
    const gradient = gradientOf.get(tensor);
    if (gradient === undefined || parameters.includes(tensor)) continue;
    sourcesOf(tensor).forEach((source, position) => {
      if (!order.has(source)) return;
      const rules = tensor.gradientRules;
      if (rules === undefined) throw new Error(`${describe(tensor)} cannot be differentiated.`);
      const rule = rules[position];
      if (rule === null || rule === undefined) return;
      const contribution = rule(gradient);
      if (!sameShape(contribution.shape, source.shape)) {
        const shapes = `${describeShape(contribution.shape)} for an input of shape ${describeShape(source.shape)}`;
        throw new Error(`The gradient rule of ${describe(tensor)} gives ${shapes}.`);
      }
      const earlier = gradientOf.get(source);
      gradientOf.set(source, earlier === undefined ? contribution : add(earlier, contribution));
    });
  }
  return parameters.map((parameter) => gradientOf.get(parameter) ?? filled(0, parameter));
}

/** Collects `loss` and what it is computed from, as far as `parameters` feed it, with sources before their users. */
function tensorsThatDependOn(parameters: ReadonlySet<Tensor>, loss: Tensor): Set<Tensor> {
  const depends = new Map<Tensor, boolean>();
  const order = new Set<Tensor>();
  const visit = (tensor: Tensor): boolean => {
    const known = depends.get(tensor);
    if (known !== undefined) return known;
    let result = parameters.has(tensor);
    if (!result) for (const source of sourcesOf(tensor)) result = visit(source) || result;
    depends.set(tensor, result);
    if (result) order.add(tensor);
    return result;
  };
  visit(loss);
  return order;
}

function filled(value: number, like: Tensor): Tensor {
  const shape = knownShape(like.shape);
  return constant(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value), shape);
}

function describe(tensor: Tensor): string {
  return tensor.source.kind === 'output' ? tensor.source.operation.type : `a ${tensor.source.kind}`;
}

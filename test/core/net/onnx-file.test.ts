import { describe, expect, it } from 'vitest';
import { ModelFormatError, WeightsMismatchError } from '../../../src/core/net/graph/errors.ts';
import { initialWeights } from '../../../src/core/net/initial-weights.ts';
import { readModelMetadata, readModelWeights } from '../../../src/core/net/onnx/read-model.ts';
import { predictModel, readNetworkDescription } from '../../../src/core/net/predict-model.ts';
import { readTrainingLayout, trainingModel } from '../../../src/core/net/training-model.ts';
import { seedUNet } from '../../../src/core/net/unet-description.ts';

const description = seedUNet({ baseFilters: 2, classes: 3 });
const weights = initialWeights(description, { kind: 'he', seed: 4 });

describe('a model file', () => {
  it('gives back its metadata, whatever the text', () => {
    const metadata = { plan: '{"spacing":[1,1,2.5]}', name: 'Leber – 肝臓 🫀', empty: '' };
    expect(readModelMetadata(predictModel(description, weights, { metadata }))).toMatchObject(metadata);
  });

  it('gives back its weights bit for bit, in the order of the layers', () => {
    const read = readModelWeights(predictModel(description, weights));
    expect([...read.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [name, { data, shape }] of weights) expect(read.get(name)).toEqual({ data, shape });
  });

  it('gives back its weights from a file as Node reads it, wherever they lie in it', () => {
    const file = predictModel(description, weights);
    for (let shift = 0; shift < 4; shift++) {
      const memory = Buffer.alloc(file.length + 4);
      memory.set(file, shift);
      const read = readModelWeights(memory.subarray(shift, shift + file.length));
      for (const [name, { data, shape }] of weights) expect(read.get(name)).toEqual({ data, shape });
    }
  });

  it('says which network it is', () => {
    expect(readNetworkDescription(predictModel(description, weights))).toEqual(description);
    const graph = trainingModel(description, {
      batch: 1,
      height: 16,
      width: 16,
      loss: 'soft-dice',
      optimizer: { kind: 'adam' },
    });
    expect(readNetworkDescription(graph)).toBeUndefined();
  });

  it('is the same bytes for the same weights', () => {
    expect(predictModel(description, weights)).toEqual(predictModel(description, weights));
  });

  it('is refused when a weight is missing or has another shape', () => {
    const missing = new Map([...weights].filter(([name]) => name !== 'head.bias'));
    expect(() => predictModel(description, missing)).toThrow(WeightsMismatchError);
    expect(() => predictModel(seedUNet({ baseFilters: 4 }), weights)).toThrow(WeightsMismatchError);
  });
});

describe('a training graph', () => {
  it('says how its weight vector is cut', () => {
    const graph = trainingModel(description, {
      batch: 1,
      height: 16,
      width: 16,
      loss: 'soft-dice',
      optimizer: { kind: 'adam' },
    });
    const layout = readTrainingLayout(graph);
    expect(layout.optimizer).toEqual({ kind: 'adam' });
    expect(layout.parameters.map(({ name }) => name)).toEqual([...weights.keys()]);
  });

  it('is not a prediction model', () => {
    expect(() => readTrainingLayout(predictModel(description, weights))).toThrow(ModelFormatError);
  });
});

describe('other files are refused', () => {
  const model = predictModel(description, weights);
  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('{"not": "a model"}')],
    ['zeros', new Uint8Array(1000)],
    ['a model cut short', model.subarray(0, model.length >> 1)],
  ])('%s', (_name, bytes) => {
    expect(() => readModelWeights(bytes)).toThrow(ModelFormatError);
    expect(() => readModelMetadata(bytes)).toThrow(ModelFormatError);
  });
});

import { PbfReader } from 'pbf';
import { ModelFormatError } from '../graph/errors.ts';
import type { TensorValue } from '../graph/network-engine.ts';
import { elementCount } from '../graph/shape.ts';
import { generatedPrefix } from './lower.ts';
import * as schema from './onnx-schema.ts';

/**
 * Reads the free text by key (`metadata_props`) of an ONNX file.
 * @throws ModelFormatError if the bytes are not an ONNX model
 */
export function readModelMetadata(bytes: Uint8Array): Record<string, string> {
  return parseModel(bytes, () => {
    const metadata: Record<string, string> = {};
    new PbfReader(bytes).readFields((tag, result, pbf) => {
      if (tag !== schema.modelField.metadata) return;
      const entry = pbf.readMessage(readEntry, { key: '', value: '' });
      result[entry.key] = entry.value;
    }, metadata);
    return metadata;
  });
}

/**
 * Reads the weights of an ONNX file by name, in ONNX's own layouts (the same as PyTorch's); constants that the compiler
 * made up are left out.
 * @throws ModelFormatError if the bytes are not an ONNX model
 */
export function readModelWeights(bytes: Uint8Array): Map<string, TensorValue> {
  return parseModel(bytes, () => {
    const weights = new Map<string, TensorValue>();
    new PbfReader(bytes).readFields((tag, result, pbf) => {
      if (tag === schema.modelField.graph) pbf.readMessage(readGraphInitializers, result);
    }, weights);
    return weights;
  });
}

/**
 * Returns what `read` reads from an ONNX file.
 * @throws ModelFormatError if the bytes are not an ONNX model, or a damaged one
 */
export function parseModel<T>(bytes: Uint8Array, read: () => T): T {
  if (!startsLikeAModel(bytes))
    throw new ModelFormatError('This file is not an ONNX model: choose a model.onnx that Voxel Loop wrote.');
  try {
    return read();
  } catch (cause) {
    throw new ModelFormatError('This ONNX model is damaged: choose another version, or train again.', { cause });
  }
}

/** Every ONNX model names its IR version; other files practically never hold that field and a graph. */
function startsLikeAModel(bytes: Uint8Array): boolean {
  try {
    const found = new Set<number>();
    const pbf = new PbfReader(bytes);
    pbf.readFields((tag, result) => {
      result.add(tag);
    }, found);
    // A file that was cut short ends inside a field, which the reader skips without noticing.
    return pbf.pos === bytes.length && found.has(schema.modelField.irVersion) && found.has(schema.modelField.graph);
  } catch {
    // Bytes that are not protobuf at all get the same answer.
    return false;
  }
}

function readEntry(tag: number, entry: { key: string; value: string }, pbf: PbfReader): void {
  if (tag === schema.entryField.key) entry.key = pbf.readString();
  else if (tag === schema.entryField.value) entry.value = pbf.readString();
}

function readGraphInitializers(tag: number, weights: Map<string, TensorValue>, pbf: PbfReader): void {
  if (tag !== schema.graphField.initializer) return;
  const tensor = pbf.readMessage(readTensor, { name: '', dataType: 0, shape: [], data: new Float32Array(0) });
  if (tensor.dataType !== schema.dataType.float32 || tensor.name.startsWith(generatedPrefix)) return;
  if (tensor.data.length !== elementCount(tensor.shape))
    throw new Error(`Weight ${tensor.name} has ${tensor.data.length} numbers.`);
  weights.set(tensor.name, { data: tensor.data, shape: tensor.shape });
}

interface TensorMessage {
  name: string;
  dataType: number;
  shape: number[];
  data: Float32Array;
}

function readTensor(tag: number, tensor: TensorMessage, pbf: PbfReader): void {
  if (tag === schema.tensorField.name) tensor.name = pbf.readString();
  else if (tag === schema.tensorField.dataType) tensor.dataType = pbf.readVarint();
  else if (tag === schema.tensorField.dims) pbf.readPackedVarint(tensor.shape);
  else if (tag === schema.tensorField.floatData) tensor.data = Float32Array.from(pbf.readPackedFloat());
  else if (tag === schema.tensorField.rawData) {
    // The bytes are copied, because floats in the file need not lie on a multiple of four bytes. `slice` would not do:
    // where the bytes are a Node Buffer, its `slice` is a view.
    const raw = new Uint8Array(pbf.readBytes());
    tensor.data = new Float32Array(raw.buffer, 0, Math.floor(raw.byteLength / 4));
  }
}

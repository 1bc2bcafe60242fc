import { PbfReader } from 'pbf';
import { ModelFormatError } from '../graph/errors.ts';
import * as schema from './onnx-schema.ts';
import { parseModel } from './read-model.ts';

/** A graph as a program needs it that runs it operator by operator. */
export interface OnnxGraph {
  /** Sources stand before their users, as in the file. */
  readonly nodes: readonly OnnxGraphNode[];
  readonly constants: ReadonlyMap<string, OnnxConstant>;
  readonly outputs: readonly string[];
}

export interface OnnxGraphNode {
  readonly type: string;
  /** The domain is empty for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
}

export interface OnnxConstant {
  readonly shape: readonly number[];
  /** int64 values are plain numbers here: they are lists of sizes and axes. */
  readonly data: Float32Array | readonly number[];
}

/**
 * Reads the graph of an ONNX file, as far as `writeModel` writes it.
 * @throws ModelFormatError if the bytes are not an ONNX model
 */
export function readModelGraph(bytes: Uint8Array): OnnxGraph {
  return parseModel(bytes, () => {
    const graph = { nodes: [] as OnnxGraphNode[], constants: new Map<string, OnnxConstant>(), outputs: [] as string[] };
    new PbfReader(bytes).readFields((tag, result, pbf) => {
      if (tag === schema.modelField.graph) pbf.readMessage(readGraph, result);
    }, graph);
    if (graph.outputs.length === 0) throw new ModelFormatError('This ONNX model has no output.');
    return graph;
  });
}

interface GraphMessage {
  readonly nodes: OnnxGraphNode[];
  readonly constants: Map<string, OnnxConstant>;
  readonly outputs: string[];
}

function readGraph(tag: number, graph: GraphMessage, pbf: PbfReader): void {
  if (tag === schema.graphField.node) {
    graph.nodes.push(pbf.readMessage(readNode, { type: '', domain: '', inputs: [], outputs: [], attributes: {} }));
  } else if (tag === schema.graphField.initializer) {
    const { name, shape, dataType, raw } = pbf.readMessage(readTensor, {
      name: '',
      shape: [],
      dataType: 0,
      raw: new Uint8Array(0),
    });
    const isFloat = dataType === schema.dataType.float32;
    // Numbers in the file need not lie on a multiple of their size.
    const data = isFloat
      ? new Float32Array(raw.buffer, 0, raw.byteLength / 4)
      : [...new BigInt64Array(raw.buffer, 0, raw.byteLength / 8)].map(Number);
    graph.constants.set(name, { shape, data });
  } else if (tag === schema.graphField.output) {
    graph.outputs.push(pbf.readMessage(readValueName, { name: '' }).name);
  }
}

interface NodeMessage {
  type: string;
  domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Record<string, number | string | readonly number[]>;
}

function readNode(tag: number, node: NodeMessage, pbf: PbfReader): void {
  const { nodeField } = schema;
  if (tag === nodeField.input) node.inputs.push(pbf.readString());
  else if (tag === nodeField.output) node.outputs.push(pbf.readString());
  else if (tag === nodeField.type) node.type = pbf.readString();
  else if (tag === nodeField.domain) node.domain = pbf.readString();
  else if (tag === nodeField.attribute) {
    const { name, type, float, integer, text, integers } = pbf.readMessage(readAttribute, {
      name: '',
      type: 0,
      float: 0,
      integer: 0,
      text: '',
      integers: [],
    });
    const { attributeType } = schema;
    if (type === attributeType.float) node.attributes[name] = float;
    else if (type === attributeType.integer) node.attributes[name] = integer;
    else if (type === attributeType.text) node.attributes[name] = text;
    else if (type === attributeType.integers) node.attributes[name] = integers;
  }
}

interface AttributeMessage {
  name: string;
  type: number;
  float: number;
  integer: number;
  text: string;
  readonly integers: number[];
}

function readAttribute(tag: number, attribute: AttributeMessage, pbf: PbfReader): void {
  const { attributeField } = schema;
  if (tag === attributeField.name) attribute.name = pbf.readString();
  else if (tag === attributeField.type) attribute.type = pbf.readVarint();
  else if (tag === attributeField.float) attribute.float = pbf.readFloat();
  else if (tag === attributeField.integer) attribute.integer = pbf.readVarint(true);
  else if (tag === attributeField.text) attribute.text = pbf.readString();
  else if (tag === attributeField.integers) pbf.readPackedVarint(attribute.integers, true);
}

interface TensorMessage {
  name: string;
  readonly shape: number[];
  dataType: number;
  raw: Uint8Array<ArrayBuffer>;
}

function readTensor(tag: number, tensor: TensorMessage, pbf: PbfReader): void {
  const { tensorField } = schema;
  if (tag === tensorField.name) tensor.name = pbf.readString();
  else if (tag === tensorField.dims) pbf.readPackedVarint(tensor.shape);
  else if (tag === tensorField.dataType) tensor.dataType = pbf.readVarint();
  else if (tag === tensorField.rawData) tensor.raw = new Uint8Array(pbf.readBytes());
}

function readValueName(tag: number, value: { name: string }, pbf: PbfReader): void {
  if (tag === schema.valueField.name) value.name = pbf.readString();
}

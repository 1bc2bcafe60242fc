import { PbfWriter } from 'pbf';
import { type Dim, describeDim } from '../graph/shape.ts';
import type { Attribute, ElementType } from '../graph/tensor.ts';
import * as schema from './onnx-schema.ts';

/** An ONNX model as plain data, close to `onnx.proto`. */
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** `metadata_props` is free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface OnnxNode {
  readonly name: string;
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly elementType: ElementType;
  readonly shape: readonly Dim[];
}

/** Opset 17 is the oldest that has all operators used here; older runtimes in the field can still read the models. */
const opsets = [
  { domain: '', version: 17 },
  { domain: 'com.microsoft', version: 1 },
  { domain: 'com.microsoft.nchwc', version: 1 },
] as const;
const irVersion = 8;

/** Serializes a model to the bytes of an `.onnx` file. */
export function writeModel(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(schema.modelField.irVersion, irVersion);
  pbf.writeStringField(schema.modelField.producerName, 'voxel-loop');
  pbf.writeMessage(schema.modelField.graph, writeGraph, model);
  const usedDomains = new Set(model.nodes.map((node) => node.domain));
  for (const opset of opsets) {
    if (opset.domain === '' || usedDomains.has(opset.domain))
      pbf.writeMessage(schema.modelField.opsetImport, writeOpset, opset);
  }
  for (const entry of Object.entries(model.metadata)) pbf.writeMessage(schema.modelField.metadata, writeEntry, entry);
  return pbf.finish();
}

function writeOpset(opset: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(schema.opsetField.domain, opset.domain);
  pbf.writeVarintField(schema.opsetField.version, opset.version);
}

function writeEntry([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(schema.entryField.key, key);
  pbf.writeStringField(schema.entryField.value, value);
}

function writeGraph(model: OnnxModel, pbf: PbfWriter): void {
  for (const node of model.nodes) pbf.writeMessage(schema.graphField.node, writeNode, node);
  pbf.writeStringField(schema.graphField.name, 'voxel-loop');
  for (const tensor of model.initializers) pbf.writeMessage(schema.graphField.initializer, writeInitializer, tensor);
  for (const value of model.inputs) pbf.writeMessage(schema.graphField.input, writeValue, value);
  for (const value of model.outputs) pbf.writeMessage(schema.graphField.output, writeValue, value);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const name of node.inputs) pbf.writeStringField(schema.nodeField.input, name);
  for (const name of node.outputs) pbf.writeStringField(schema.nodeField.output, name);
  pbf.writeStringField(schema.nodeField.name, node.name);
  pbf.writeStringField(schema.nodeField.type, node.type);
  for (const attribute of Object.entries(node.attributes))
    pbf.writeMessage(schema.nodeField.attribute, writeAttribute, attribute);
  if (node.domain !== '') pbf.writeStringField(schema.nodeField.domain, node.domain);
}

function writeAttribute([name, value]: readonly [string, Attribute], pbf: PbfWriter): void {
  const { attributeField, attributeType } = schema;
  pbf.writeStringField(attributeField.name, name);
  if (typeof value === 'number') {
    pbf.writeVarintField(attributeField.integer, value);
    pbf.writeVarintField(attributeField.type, attributeType.integer);
  } else if (typeof value === 'string') {
    pbf.writeStringField(attributeField.text, value);
    pbf.writeVarintField(attributeField.type, attributeType.text);
  } else if ('float' in value) {
    pbf.writeFloatField(attributeField.float, value.float);
    pbf.writeVarintField(attributeField.type, attributeType.float);
  } else {
    for (const item of value) pbf.writeVarintField(attributeField.integers, item);
    pbf.writeVarintField(attributeField.type, attributeType.integers);
  }
}

function writeInitializer(tensor: OnnxInitializer, pbf: PbfWriter): void {
  for (const size of tensor.shape) pbf.writeVarintField(schema.tensorField.dims, size);
  const type = tensor.data instanceof Float32Array ? schema.dataType.float32 : schema.dataType.int64;
  pbf.writeVarintField(schema.tensorField.dataType, type);
  pbf.writeStringField(schema.tensorField.name, tensor.name);
  // raw_data is little endian, as is every machine that Node and ONNX Runtime support here.
  const bytes = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  pbf.writeBytesField(schema.tensorField.rawData, bytes);
}

function writeValue(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(schema.valueField.name, value.name);
  pbf.writeMessage(schema.valueField.type, writeType, value);
}

function writeType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeMessage(schema.typeField.tensor, writeTensorType, value);
}

function writeTensorType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeVarintField(schema.tensorTypeField.elementType, schema.dataType[value.elementType]);
  pbf.writeMessage(schema.tensorTypeField.shape, writeShape, value.shape);
}

function writeShape(shape: readonly Dim[], pbf: PbfWriter): void {
  for (const dim of shape) pbf.writeMessage(schema.shapeField.dim, writeDim, dim);
}

function writeDim(dim: Dim, pbf: PbfWriter): void {
  if (typeof dim === 'number') pbf.writeVarintField(schema.dimField.value, dim);
  else pbf.writeStringField(schema.dimField.parameter, describeDim(dim));
}

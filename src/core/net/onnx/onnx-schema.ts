/**
 * The field numbers of the parts of `onnx.proto` (ONNX 1.x, IR version 8) that are written and read here; they never
 * change.
 */
export const modelField = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, metadata: 14 } as const;
export const entryField = { key: 1, value: 2 } as const;
export const opsetField = { domain: 1, version: 2 } as const;
export const graphField = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
export const nodeField = { input: 1, output: 2, name: 3, type: 4, attribute: 5, domain: 7 } as const;
export const attributeField = { name: 1, float: 2, integer: 3, text: 4, integers: 8, type: 20 } as const;
export const tensorField = { dims: 1, dataType: 2, floatData: 4, name: 8, rawData: 9 } as const;
export const valueField = { name: 1, type: 2 } as const;
export const typeField = { tensor: 1 } as const;
export const tensorTypeField = { elementType: 1, shape: 2 } as const;
export const shapeField = { dim: 1 } as const;
export const dimField = { value: 1, parameter: 2 } as const;

export const attributeType = { float: 1, integer: 2, text: 3, integers: 7 } as const;
export const dataType = { float32: 1, int64: 7, bool: 9 } as const;

import { readFileSync } from 'node:fs';
import type * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { checkToolInput, shortList, type ToolName, toolInputs } from '../../../src/core/protocol/agent-contract.ts';

interface DeclaredTool {
  readonly name: string;
  readonly modelDescription: string;
  readonly toolReferenceName: string;
  readonly canBeReferencedInPrompt: boolean;
  readonly inputSchema: {
    readonly type: string;
    readonly additionalProperties: boolean;
    readonly required?: readonly string[];
    readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
const declared: readonly DeclaredTool[] = manifest.contributes.languageModelTools;

/** What `package.json` should say of a field, out of what we check. */
function jsonSchema(schema: v.GenericSchema): Record<string, unknown> {
  const { type } = schema as { type: string };
  if (type === 'optional') return jsonSchema((schema as unknown as { wrapped: v.GenericSchema }).wrapped);
  const found: Record<string, unknown> = {};
  const pipe = 'pipe' in schema ? (schema.pipe as { type: string; requirement?: unknown; description?: string }[]) : [];
  const isArray = type === 'array';
  found.type = type === 'picklist' ? 'string' : type;
  if (type === 'picklist') found.enum = (schema as unknown as { options: unknown }).options;
  if (isArray) found.items = jsonSchema((schema as unknown as { item: v.GenericSchema }).item);
  const names: Record<string, string> = {
    min_value: 'minimum',
    max_value: 'maximum',
    min_length: isArray ? 'minItems' : 'minLength',
    max_length: isArray ? 'maxItems' : 'maxLength',
  };
  for (const step of pipe) {
    if (step.type === 'integer') found.type = 'integer';
    else if (step.type === 'description') found.description = step.description;
    else if (names[step.type]) found[names[step.type]] = step.requirement;
  }
  return found;
}

describe('language-model tools', () => {
  it('are declared with exactly what is checked when they are called', () => {
    expect(declared.map(({ name }) => name).sort()).toEqual(Object.keys(toolInputs).sort());
    for (const { name, inputSchema } of declared) {
      const { entries } = toolInputs[name as ToolName];
      const fields = Object.entries(entries as Record<string, v.GenericSchema>);
      expect(inputSchema.type).toBe('object');
      expect(inputSchema.additionalProperties).toBe(false);
      expect(inputSchema.properties).toEqual(
        Object.fromEntries(fields.map(([key, field]) => [key, jsonSchema(field)])),
      );
      const required = fields.filter(([, field]) => (field as { type: string }).type !== 'optional');
      expect([...(inputSchema.required ?? [])].sort()).toEqual(required.map(([key]) => key).sort());
    }
  });

  it('tell a model what they do and can be named in a prompt', () => {
    for (const tool of declared) {
      expect(tool.modelDescription.length).toBeGreaterThan(60);
      expect(tool.canBeReferencedInPrompt).toBe(true);
      expect(tool.toolReferenceName).toMatch(/^voxel[A-Z]/);
    }
    expect(new Set(declared.map(({ toolReferenceName }) => toolReferenceName)).size).toBe(declared.length);
  });

  it('refuse other input in one sentence that names what is wrong', () => {
    expect(checkToolInput('voxelLoop_listCases', undefined)).toEqual({});
    expect(checkToolInput('voxelLoop_predict', { cases: ['a'] })).toEqual({ cases: ['a'] });
    expect(() => checkToolInput('voxelLoop_predict', { cases: [] })).toThrow(/"cases"/);
    expect(() => checkToolInput('voxelLoop_predict', {})).toThrow(/"cases"/);
    expect(() => checkToolInput('voxelLoop_retrain', { minutes: -1 })).toThrow(/"minutes"/);
    expect(() => checkToolInput('voxelLoop_compareModels', { version: 1.5, other: 1 })).toThrow(/"version"/);
    expect(() => checkToolInput('voxelLoop_needsReview', { path: '/etc' })).toThrow(/"path"/);
  });

  it('keep lists short and say how much is left out', () => {
    expect(shortList([1, 2, 3], 2)).toEqual({ items: [1, 2], more: 1 });
    expect(shortList([1, 2], 2)).toEqual({ items: [1, 2] });
    expect(shortList(new Array(60).fill(0)).more).toBe(10);
  });
});

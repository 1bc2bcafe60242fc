import * as v from 'valibot';
import type { TensorValue } from '../../net/graph/network-engine.ts';
import { ModelMismatchError } from '../learn-errors.ts';
import type { Difficulties } from '../samples/slice-difficulty.ts';
import type { TrainingState, Weights } from './training-state.ts';

const MAGIC = 'VLCP';
const HEADER_BYTES = 8;

const notNegative = v.pipe(v.number(), v.integer(), v.minValue(0));
const dice = v.nullable(v.number());

/** A training state without its tensors. JSON gives every finite double back as it was. */
const stateSchema = v.strictObject({
  step: notNegative,
  fraction: v.number(),
  /** It is absent in a run of an earlier Voxel Loop, which did not count it. */
  trainedMs: v.optional(v.number(), 0),
  optimizerStep: notNegative,
  losses: v.pipe(v.array(v.number()), v.readonly()),
  curve: v.pipe(
    v.array(
      v.strictObject({
        step: notNegative,
        loss: v.number(),
        tuneDice: dice,
        learningRate: v.number(),
        labelDice: v.exactOptional(v.pipe(v.array(dice), v.readonly())),
      }),
    ),
    v.readonly(),
  ),
  best: v.nullable(v.strictObject({ step: notNegative, tuneDice: dice })),
  evaluationsSinceBest: notNegative,
  difficultiesFrom: v.array(notNegative),
});

const headerSchema = v.strictObject({
  state: stateSchema,
  run: v.record(v.string(), v.unknown()),
  tensors: v.array(v.strictObject({ name: v.string(), shape: v.pipe(v.array(notNegative), v.readonly()) })),
});

/** A checkpoint says where a training stands, and what it was told, as JSON that the engine gives and checks. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly run: Readonly<Record<string, unknown>>;
}

/**
 * Writes a checkpoint as a file, in one buffer of its own, so that it can be handed to the thread that writes it:
 *
 *     "VLCP"  length of the JSON (uint32)  JSON (ASCII; spaces at its end up to a multiple of 4)  float32...
 *
 * The numbers are those of the JSON's `tensors`, in that order. All are little-endian.
 */
export function encodeCheckpoint({ state, run }: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors = [
    ...group('weights', state.weights),
    ...group('optimizer', state.optimizer.moments),
    ...group('best', state.best?.weights ?? new Map()),
    ...state.difficulties.map(({ values }, index) => [`difficulties/${index}`, asTensor(values)] as const),
  ];
  const json = JSON.stringify({
    state: {
      step: state.step,
      fraction: state.fraction,
      trainedMs: state.trainedMs,
      optimizerStep: state.optimizer.step,
      losses: state.losses,
      curve: state.curve,
      best: state.best && { step: state.best.step, tuneDice: state.best.tuneDice },
      evaluationsSinceBest: state.evaluationsSinceBest,
      difficultiesFrom: state.difficulties.map(({ fromStep }) => fromStep),
    },
    run,
    tensors: tensors.map(([name, { shape }]) => ({ name, shape })),
  } satisfies v.InferOutput<typeof headerSchema>).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const padded = json.padEnd(Math.ceil(json.length / 4) * 4);
  const numbers = tensors.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  const file = new Uint8Array(HEADER_BYTES + padded.length + numbers);
  writeAscii(file, 0, MAGIC);
  new DataView(file.buffer).setUint32(4, padded.length, true);
  writeAscii(file, HEADER_BYTES, padded);
  let at = HEADER_BYTES + padded.length;
  for (const [, { data }] of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** @throws ModelMismatchError if `bytes` are not what `encodeCheckpoint` wrote */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || readAscii(bytes, 0, 4) !== MAGIC) throw damaged();
  const length = view.getUint32(4, true);
  if (HEADER_BYTES + length > bytes.length) throw damaged();
  const { state, run, tensors } = parseHeader(readAscii(bytes, HEADER_BYTES, length));
  const found = new Map<string, TensorValue>();
  let at = HEADER_BYTES + length;
  for (const { name, shape } of tensors) {
    const end = at + 4 * shape.reduce((product, extent) => product * extent, 1);
    if (end > bytes.length) throw damaged();
    // The bytes are copied into a buffer of their own, because a Float32Array must start at a multiple of four.
    found.set(name, { data: new Float32Array(new Uint8Array(bytes.subarray(at, end)).buffer), shape });
    at = end;
  }
  if (at !== bytes.length) throw damaged();
  const { optimizerStep, difficultiesFrom, best, ...plain } = state;
  return {
    run,
    state: {
      ...plain,
      weights: ungroup('weights', found),
      optimizer: { step: optimizerStep, moments: ungroup('optimizer', found) },
      best: best && { ...best, weights: ungroup('best', found) },
      difficulties: difficultiesFrom.map((fromStep, index): Difficulties => {
        const values = found.get(`difficulties/${index}`)?.data;
        if (!values) throw damaged();
        return { fromStep, values };
      }),
    },
  };
}

function parseHeader(text: string): v.InferOutput<typeof headerSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(cause);
  }
  const parsed = v.safeParse(headerSchema, json);
  if (!parsed.success) throw damaged(v.summarize(parsed.issues));
  return parsed.output;
}

function damaged(cause?: unknown): ModelMismatchError {
  return new ModelMismatchError(
    'The checkpoint of the interrupted training is damaged or of another version: train from the start, without resuming.',
    { cause },
  );
}

function group(kind: string, tensors: Weights): (readonly [string, TensorValue])[] {
  return [...tensors].map(([name, tensor]) => [`${kind}/${name}`, tensor]);
}

function ungroup(kind: string, all: Weights): Map<string, TensorValue> {
  const prefix = `${kind}/`;
  return new Map(
    [...all].filter(([name]) => name.startsWith(prefix)).map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

function asTensor(data: Float32Array): TensorValue {
  return { data, shape: [data.length] };
}

function writeAscii(target: Uint8Array, start: number, text: string): void {
  for (let n = 0; n < text.length; n++) target[start + n] = text.charCodeAt(n);
}

function readAscii(source: Uint8Array, start: number, length: number): string {
  let text = '';
  const end = start + length;
  // This goes in parts, because a call takes a limited number of arguments.
  for (let at = start; at < end; at += 4096) {
    text += String.fromCharCode(...source.subarray(at, Math.min(end, at + 4096)));
  }
  return text;
}

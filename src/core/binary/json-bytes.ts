import * as v from 'valibot';
import { type ByteReader, MalformedBytesError } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Writes a length (LEB128) and then JSON in ASCII, with other characters escaped. */
export function writeJson(writer: ByteWriter, value: unknown): void {
  const text = JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  writer.varint(text.length);
  writer.magic(text);
}

/**
 * Reads what `writeJson` wrote, and checks it.
 * @throws MalformedBytesError
 */
export function readJson<S extends v.GenericSchema>(reader: ByteReader, schema: S): v.InferOutput<S> {
  let text = '';
  for (const byte of reader.bytes(reader.varint())) text += String.fromCharCode(byte);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedBytesError('its description is not JSON', { cause });
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw new MalformedBytesError('its description has another form', { cause: parsed.issues });
  return parsed.output;
}

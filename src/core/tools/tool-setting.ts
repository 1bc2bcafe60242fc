import * as v from 'valibot';
import type { Vec3 } from '../geometry/vector.ts';

/** The values of settings by their names. */
export type SettingValues = Readonly<Record<string, string | number>>;

interface SettingFacts<Value extends string | number> {
  /** The name stands in saved views. Tools that name the same one share it. */
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, Value>;
  /** Returns the value before anybody set it, in a volume of these voxels. */
  fresh(spacingMm: Vec3): Value;
}

/** A length in mm, set by a slider, a number, the keys [ and ], and the wheel. */
export interface LengthSetting extends SettingFacts<number> {
  readonly kind: 'length';
}

/** A choice of one of several ways. */
export interface ChoiceSetting<Value extends string = string> extends SettingFacts<Value> {
  readonly kind: 'choice';
  readonly title: string;
  readonly help: string;
  readonly options: readonly { readonly value: Value; readonly title: string }[];
}

export type ToolSetting = LengthSetting | ChoiceSetting;

/**
 * Returns what is set.
 * @throws ValiError if nothing is, or nothing that can be: `values` come from `freshSettings`
 */
export function settingValue<Value extends string | number>(
  { name, schema }: SettingFacts<Value>,
  values: SettingValues,
): Value {
  return v.parse(schema, values[name]);
}

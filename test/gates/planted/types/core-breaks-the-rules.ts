// Each line breaks one rule of src/core's compiler settings.
export const title = document.title;
export const platform = process.platform;
export const callback = (value) => value;
export const exact: { label?: string } = { label: undefined };
export const missing: string = null;
class Base { draw(): void {} }
export class Derived extends Base { draw(): void {} }

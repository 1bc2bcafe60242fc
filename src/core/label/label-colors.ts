import type { LabelTable } from './label-table.ts';

/**
 * Colours that labels get until a person chooses others: bright on grey CT and MR, neighbours far apart in hue AND in
 * lightness, so that they stay apart for colour-blind readers (after Okabe and Ito, "Color Universal Design", 2008).
 */
const PALETTE = [
  '#e69f00',
  '#56b4e9',
  '#d55e00',
  '#f0e442',
  '#009e73',
  '#cc79a7',
  '#0072b2',
  '#b2df8a',
  '#ff7f7f',
  '#b39ddb',
];

/** `#rrggbb` of the dense label `index` (1 or more; background has none of its own). Repeats after ten. */
export function defaultLabelColor(index: number): string {
  return PALETTE[(index - 1) % PALETTE.length];
}

/** A label table with background first and default colours. @param labels values above background, unique, with names */
export function labelTableOf(labels: readonly { readonly value: number; readonly name: string }[]): LabelTable {
  return [
    { value: 0, name: 'background', color: '#000000' },
    ...labels.map(({ value, name }, index) => ({ value, name, color: defaultLabelColor(index + 1) })),
  ];
}

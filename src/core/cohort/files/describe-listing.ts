import { counted } from '../../text/counted.ts';
import type { CohortLayout, LayoutName } from './layouts/cohort-layout.ts';

const LAYOUT_NAMES: Readonly<Record<LayoutName, string>> = {
  msd: 'imagesTr and labelsTr (Medical Segmentation Decathlon, nnU-Net)',
  bids: 'BIDS; new label maps go to derivatives/voxel-loop',
  'side-by-side': 'label maps beside their images',
};

/** A sentence lists so many names before it says "and 7 more". */
const NAMED = 3;

/** Writes "41 cases, 12 with labels, 3 of them test cases". */
export function countFoundCases({ cases }: CohortLayout): string {
  const labelled = cases.filter((found) => found.labelled).length;
  const test = cases.filter((found) => found.test).length;
  return [
    counted(cases.length, 'case'),
    `${labelled === 0 ? 'none' : labelled} with labels`,
    ...(test > 0 ? [`${test} for testing only`] : []),
  ].join(', ');
}

/** Says what was found in a folder, one sentence a line: its layout, what was left out and why. */
export function describeListing(layout: CohortLayout): string[] {
  const { labelsWithoutImage, dataSets, warnings } = layout;
  const like = dataSets.length > 0 ? `, as in ${dataSets.join(' and ')}` : '';
  const lines = [`Layout: ${LAYOUT_NAMES[layout.name]}${like}.`];
  if (labelsWithoutImage.length > 0) {
    const count = labelsWithoutImage.length;
    lines.push(
      `${count} label ${count === 1 ? 'map is' : 'maps are'} left out, without an image of the same name: ${listNames(labelsWithoutImage)}.`,
    );
  }
  for (const warning of warnings.slice(0, NAMED)) lines.push(warning);
  if (warnings.length > NAMED) lines.push(`And ${warnings.length - NAMED} more remarks of this kind.`);
  return lines;
}

function listNames(paths: readonly string[]): string {
  const names = paths.slice(0, NAMED).map((path) => path.slice(path.search(/[^\\/]*$/)));
  const more = paths.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

/** Reads names of labels as a person writes them: separated by commas, in the order of `values`. */
export function parseLabelNames(text: string, values: readonly number[]): { value: number; name: string }[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  let next = Math.max(0, ...values);
  return names.map((name, index) => ({ value: values[index] ?? ++next, name }));
}

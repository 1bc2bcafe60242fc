import { splitChannel } from './file-names.ts';

/**
 * Which image stems of one folder are channels of one case (nnU-Net: `case_0000`, `case_0001`).
 *
 * `case_0001` may also be case number 1 of many, so the folder as a whole decides, by the first evidence there is:
 * 1. label maps: are they named like the image (`case_0001`) or like the case (`case`)? the more frequent one counts;
 * 2. `declaredChannels` of a `dataset.json`: nnU-Net naming when most numbers are below it;
 * 3. the names alone: nnU-Net naming when there are at least two groups and each has the same channels, 0 to n - 1.
 *
 * @param stems image names without ending
 * @param labelledStems stems (of images or cases) that a label map is named after
 * @returns by case stem, in the order of first appearance, the image stems by ascending channel number
 */
export function groupChannels(
  stems: readonly string[],
  labelledStems: ReadonlySet<string>,
  declaredChannels: number | null,
): Map<string, string[]> {
  const channelNamed = isChannelNamed(stems, labelledStems, declaredChannels);
  const groups = new Map<string, { stem: string; channel: number }[]>();
  for (const stem of stems) {
    const split = channelNamed ? splitChannel(stem) : null;
    const key = split?.caseStem ?? stem;
    const group = groups.get(key) ?? [];
    group.push({ stem, channel: split?.channel ?? 0 });
    groups.set(key, group);
  }
  return new Map(
    [...groups].map(([key, group]) => [key, group.sort((a, b) => a.channel - b.channel).map(({ stem }) => stem)]),
  );
}

function isChannelNamed(
  stems: readonly string[],
  labelledStems: ReadonlySet<string>,
  declaredChannels: number | null,
): boolean {
  const splits = stems.map(splitChannel);
  const byImage = stems.filter((stem) => labelledStems.has(stem)).length;
  const byCase = splits.filter((split) => split !== null && labelledStems.has(split.caseStem)).length;
  if (byImage + byCase > 0) return byCase > byImage;
  if (declaredChannels !== null) {
    const inRange = splits.filter((split) => split !== null && split.channel < declaredChannels).length;
    // With one declared channel, two files of one case stem are two cases.
    if (declaredChannels === 1 && splits.some((split) => split !== null && split.channel > 0)) return false;
    return inRange > 0 && inRange >= stems.length / 2;
  }
  return haveEqualChannels(splits);
}

function haveEqualChannels(splits: readonly ReturnType<typeof splitChannel>[]): boolean {
  const channels = new Map<string, number[]>();
  for (const split of splits) {
    if (!split) return false;
    channels.set(split.caseStem, [...(channels.get(split.caseStem) ?? []), split.channel]);
  }
  const groups = [...channels.values()];
  return (
    groups.length >= 2 &&
    groups.every(
      (group) => group.length === groups[0].length && group.sort((a, b) => a - b).every((c, index) => c === index),
    )
  );
}

/** Lists the channels of a case of one file: where several are declared, its fourth dimension holds them. */
export function fourthDimension(path: string, declaredChannels: number | null): string[] {
  return Array<string>(declaredChannels ?? 1).fill(path);
}

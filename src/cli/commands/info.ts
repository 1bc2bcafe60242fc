import { basename } from 'node:path';
import { endingsInWords } from '../../core/formats/registry.ts';
import { voxelCount } from '../../core/geometry/grid.ts';
import { valueFindings } from '../../core/volume/findings.ts';
import { measureIntensities } from '../../core/volume/intensity-statistics.ts';
import type { VolumeHeader } from '../../core/volume/volume-header.ts';
import type { IntensityStatistics, VolumeSummary } from '../../core/volume/volume-schemas.ts';
import { summarizeVolume } from '../../core/volume/volume-summary.ts';
import { openVolume } from '../../node/volumes/served/open-volume.ts';
import { onlyArgument, readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { labelMapNote } from '../label-map-note.ts';

/** This is plenty for a volume that is read in portions; the statistics need each portion once. */
const MEMORY_BUDGET_BYTES = 256 * 1024 * 1024;

export const infoCommand: Command = {
  name: 'info',
  usage: 'FILE [--json]',
  summary: 'header, geometry, intensity statistics',
  help: `Says what a volume (${endingsInWords()}) holds: dimensions, spacing, orientation,
where the geometry comes from, and statistics of the (first) volume's values: range, mean and what is not finite of all voxels, percentiles of an even sample
of a large one. What is odd about the file follows as notes. A file that cannot be used is refused with the reason and exit code 1.

  --json   the same as one JSON object`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, { json: { type: 'boolean' } });
    const path = onlyArgument(positionals, 'FILE');
    const volume = await openVolume(path, { memoryBudgetBytes: MEMORY_BUDGET_BYTES, signal: io.signal });
    try {
      const { header } = volume;
      const summary = summarizeVolume(basename(path), header);
      // This is the scaling in the file, even where slices come already scaled.
      const scaling = { slope: header.scaling.slope, intercept: header.scaling.intercept };
      const statistics = await measureIntensities(volume, 0, voxelCount(header.grid), { signal: io.signal });
      // Only a file that was read to its end shows whether something follows the last voxels.
      if (header.timePoints === 1) await volume.loaded;
      const findings = valueFindings(statistics).map(({ sentence }) => sentence);
      const asked = await labelMapNote(path, io.signal);
      const warnings = [...summary.warnings, ...(volume.note === null ? [] : [volume.note]), ...findings, ...asked];
      const { sliceFormat: _, ...about } = { ...summary, scaling, warnings };
      io.print(
        values.json
          ? JSON.stringify({ ...about, ...formatOf(header), statistics }, null, 2)
          : describe({ ...summary, scaling, warnings }, header.formatName, statistics),
      );
    } finally {
      await volume.close();
    }
    return 0;
  },
};

/** Scripts from the time before there were other formats read the version of NIfTI. */
function formatOf({ formatName }: VolumeHeader): { format: string; niftiVersion?: number } {
  const niftiVersion = /^NIfTI-(\d)$/.exec(formatName)?.[1];
  return { format: formatName, ...(niftiVersion && { niftiVersion: Number(niftiVersion) }) };
}

function describe(summary: VolumeSummary, formatName: string, statistics: IntensityStatistics): string {
  const { grid, scaling } = summary;
  const rows: [string, string][] = [
    ['file', `${summary.name} (${formatName}, ${summary.datatype})`],
    [
      'dimensions',
      `${summary.dimensions.join(' x ')}${summary.timePoints > 1 ? ` (${summary.timePoints} volumes)` : ''}`,
    ],
    ['spacing', `${grid.spacingMm.map(figure).join(' x ')} mm`],
    ['orientation', `${summary.orientation} (from ${summary.geometrySource})`],
    ...[0, 1, 2].map((row): [string, string] => [
      row === 0 ? 'voxel to world' : '',
      grid.voxelToWorld
        .slice(4 * row, 4 * row + 4)
        .map(figure)
        .join('  '),
    ]),
    [
      'scaling',
      scaling.slope === 1 && scaling.intercept === 0
        ? 'none'
        : `x ${figure(scaling.slope)} + ${figure(scaling.intercept)}`,
    ],
    ...ofValues(statistics),
  ];
  if (statistics.notFinite > 0) rows.push(['not finite', `${statistics.notFinite} of ${statistics.voxels} voxels`]);
  for (const warning of summary.warnings) rows.push(['note', warning]);
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}`.trimEnd()).join('\n');
}

function ofValues(statistics: IntensityStatistics): [string, string][] {
  const { min, max, mean, standardDeviation, low, high, voxels, notFinite } = statistics;
  if (notFinite === voxels) return [['values', 'none']];
  return [
    [
      'values',
      `${figure(min)} to ${figure(max)}, mean ${figure(mean)}, standard deviation ${figure(standardDeviation)}`,
    ],
    ['0.5 to 99.5 %', `${figure(low)} to ${figure(high)}${sample(statistics)}`],
  ];
}

/** Range and mean are of all voxels; percentiles of a large volume are not. */
function sample({ sampled, voxels }: IntensityStatistics): string {
  return sampled < voxels ? ` (of ${sampled} voxels, evenly spread)` : '';
}

/** Writes six significant digits, without trailing zeros. */
function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}

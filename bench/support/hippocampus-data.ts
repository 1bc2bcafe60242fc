import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** The cohort of 208 real MRI crops (MSD Task04) with its split. */
export interface HippocampusData {
  readonly folder: string;
  readonly train: readonly string[];
  readonly val: readonly string[];
}

/** Exits with a sentence where it is not there. */
export function hippocampusData(folder: string): HippocampusData {
  const absolute = path.resolve(folder);
  const splits = path.join(absolute, 'splits.json');
  if (!existsSync(splits)) {
    console.error(`There is no hippocampus cohort at ${absolute}: name its folder with --data.`);
    process.exit(2);
  }
  const { train, val } = JSON.parse(readFileSync(splits, 'utf8')) as { train: string[]; val: string[] };
  return { folder: absolute, train, val };
}

/** What it ran on, for the record. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown CPU'}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
}

import { resolve } from 'node:path';
import { counted } from '../../core/text/counted.ts';
import { writeDemoCohort } from '../../node/cohort/demo-cohort.ts';
import { onlyArgument, readArguments, wholeNumber } from '../arguments.ts';
import type { Command } from '../command.ts';

export const demoCommand: Command = {
  name: 'demo',
  usage: 'DIR [--seed S]',
  summary: 'make a small synthetic CT cohort',
  help: `Writes twelve synthetic abdominal CT scans into DIR, a new or empty folder; eight of them with labels (liver and
tumours). Nothing is downloaded and no patient is involved. The same seed gives the same cohort.

  --seed S   other patients (default 0)`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, { seed: { type: 'string' } });
    const folder = resolve(onlyArgument(positionals, 'DIR'));
    const seed = wholeNumber(values.seed, 'seed', 0) ?? 0;
    const { cases, labelled } = await writeDemoCohort(folder, {
      seed,
      signal: io.signal,
      onCase: (done, all) => io.progress(`case ${done} of ${all}`),
    });
    io.print(`${folder}: ${counted(cases, 'case')}, ${labelled} of them labelled`);
    return 0;
  },
};

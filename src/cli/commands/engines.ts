import type { EngineReport } from '../../core/protocol/engine-contract.ts';
import { engineFacts } from '../../core/report/engine-facts.ts';
import { readArguments } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { withEngine } from '../engine.ts';
import { textTable } from '../text-table.ts';

export const enginesCommand: Command = {
  name: 'engines',
  usage: '[--again] [--json]',
  summary: 'what can run the network on this machine, and what is taken',
  help: `Lists the engines that there can be on this machine: whether each starts, whether it gives the CPU's results, and how
fast it is on a small task of its own (slices of 64 x 64 pixels, 16 filters). "auto" takes the fastest that agrees with
the CPU. What was found out is remembered in the user's cache folder until a driver, the processor or Voxel Loop changes.

  --again   try all of them now
  --json    the same as one JSON object`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, { again: { type: 'boolean' }, json: { type: 'boolean' } });
    if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is one argument too many.`);
    const report = await withEngine(io, (endpoint) =>
      endpoint.request('engines', { again: values.again ?? false }, { signal: io.signal }),
    );
    io.print(values.json ? JSON.stringify(report, null, 2) : describe(report));
    return 0;
  },
};

function describe(report: EngineReport): string {
  const facts = engineFacts(report);
  const rows = facts.map(({ name, starts, agrees, predicts, trains, use }) => [
    name,
    starts,
    agrees,
    predicts,
    trains,
    use,
  ]);
  const head = ['engine', 'starts', 'agrees', 'predicts, slices/s', 'trains, slices/s', 'auto takes it to'];
  const about = facts.map(({ name, device, findings }) => `${name}${device ? ` on ${device}` : ''}: ${findings}`);
  return [textTable([head, ...rows]), '', ...about].join('\n');
}

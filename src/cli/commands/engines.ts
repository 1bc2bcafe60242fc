import { packagedEngines } from '../../core/engines/engine-packages.ts';
import type { EngineReport } from '../../core/protocol/engine/engine-report.ts';
import { cudaInstalledSentence, megabytes } from '../../core/report/engines/cuda-support-text.ts';
import { engineFacts } from '../../core/report/engines/engine-facts.ts';
import { readArguments } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { withEngine } from '../engine.ts';
import { engineFolderOptions, givenEngineFolders } from '../engine-folders.ts';
import { textTable } from '../text-table.ts';

export const enginesCommand: Command = {
  name: 'engines',
  usage: `[--again] ${packagedEngines.map(({ id }) => `[--${id} DIR] `).join('')}[--json] | --install-cuda`,
  summary: 'what can run the network on this machine, and what is taken',
  help: `Lists the engines that there can be on this machine: whether each starts, whether it gives the CPU's results, and how
fast it is on a small task of its own (slices of 64 x 64 pixels, 16 filters). "auto" takes the fastest that agrees with
the CPU. What was found out is remembered in the user's cache folder until the processor, the graphics card, a driver or
Voxel Loop changes.

  --again           try all of them now
${packagedEngines.map(folderHelp).join('\n')}
  --json            the same as one JSON object
  --install-cuda    download ONNX Runtime's library for NVIDIA graphics cards (Linux x64 with glibc only; some hundred MB,
                    into the user's cache folder, with its checksum compared). CUDA 12, cuDNN 9 and a driver for them must be
                    installed; it says which of their libraries are missing. Ctrl+C leaves nothing behind`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      again: { type: 'boolean' },
      ...engineFolderOptions,
      json: { type: 'boolean' },
      'install-cuda': { type: 'boolean' },
    });
    if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is one argument too many.`);
    if (values['install-cuda']) {
      const folders = Object.keys(givenEngineFolders(values));
      if (values.again || values.json || folders.length > 0) throw new UsageError('--install-cuda stands alone.');
      return installCuda(io);
    }
    const report = await withEngine(
      io,
      (endpoint) => endpoint.request('engines', { again: values.again ?? false }, { signal: io.signal }),
      { folders: givenEngineFolders(values) },
    );
    io.print(values.json ? JSON.stringify(report, null, 2) : describe(report));
    return 0;
  },
};

function folderHelp({ id, package: { library, packages } }: (typeof packagedEngines)[number]): string {
  return `  ${`--${id} DIR`.padEnd(18)}also ${library} (${packages}), which was installed into DIR`;
}

async function installCuda(io: CommandIo): Promise<0 | 1> {
  return withEngine(io, async (endpoint) => {
    const { signal } = io;
    const support = await endpoint.request('cudaSupport', {}, { signal });
    if (support.state === 'impossible') {
      io.note('CUDA support exists for Linux on x64 (glibc) alone: voxel-loop engines lists what runs here.');
      return 1;
    }
    if (support.state === 'installed') {
      io.note(`CUDA support is installed already, in ${support.folder}: remove that folder to download it again.`);
      return 0;
    }
    let shown = -1;
    const { folder, missing } = await endpoint.request(
      'installCuda',
      {},
      {
        signal,
        onProgress: ({ phase, doneBytes, bytes }) => {
          const percent = Math.floor((100 * doneBytes) / bytes);
          // Without a terminal every report is a line of its own, so there are fewer.
          if (percent < shown + (process.stderr.isTTY ? 1 : 10) && phase === 'downloading') return;
          shown = percent;
          io.progress(`${phase} ${megabytes(doneBytes)} of ${megabytes(bytes)} MB`);
        },
      },
    );
    io.print(folder);
    io.note(cudaInstalledSentence(missing));
    return 0;
  });
}

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

import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { stemOf } from '../../core/cohort/file-names.ts';
import { engineChoice } from '../../core/protocol/engine-contract.ts';
import { withFileErrors } from '../../node/file-errors.ts';
import { oneOf, readArguments, required } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { withEngine } from '../engine.ts';
import { findImages, ImageArgumentError } from '../image-arguments.ts';
import { findModel, modelChannels } from '../model-argument.ts';

export const predictCommand: Command = {
  name: 'predict',
  usage: 'IMAGE... --model DIR|FILE.onnx --out DIR [--engine E]',
  summary: 'label images with a model',
  help: `Writes one label map per image into the folder of --out: NAME.nii.gz, on the image's own grid, with its exact geometry.
IMAGE is a .nii or .nii.gz file, or a folder: all images in it. For a model of several channels name all channel files
(NAME_0000.nii.gz, NAME_0001.nii.gz), or a 4-D file. Prints the path of each label map as soon as it is written.

  --model M    a cohort (its active model), the folder of a model version, or a .onnx file
  --out DIR    where the label maps go; made if it is missing
  --engine E   ${engineChoice.options.join(', ')} (default auto: the fastest that agrees with the CPU)`,
  async run(args, io) {
    const { values, positionals } = readArguments(args, {
      model: { type: 'string' },
      out: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
    });
    if (positionals.length === 0) throw new UsageError('IMAGE is missing.');
    const out = resolve(required(values.out, 'out'));
    const engine = oneOf(values.engine, 'engine', engineChoice.options);
    const model = await findModel(required(values.model, 'model'));
    const cases = await findImages(positionals, await modelChannels(model));
    await withFileErrors('write', out, mkdir(out, { recursive: true }));
    const jobs = cases.map((found) => ({ ...found, target: join(out, `${found.id}.nii.gz`) }));
    await refuseImages(jobs);
    await withEngine(io, async (endpoint) => {
      for (const [index, { id, channels, timeIndex, target }] of jobs.entries()) {
        const result = await endpoint.request(
          'predict',
          { channels: [...channels], timeIndex, model, engine, output: { kind: 'labels', path: target } },
          { signal: io.signal },
        );
        io.progress(
          `${index + 1} of ${jobs.length}: ${id}, ${result.seconds.toFixed(1)} s, ${result.modelName}, ${result.engineName}`,
        );
        io.print(result.path);
      }
    });
    return 0;
  },
};

/**
 * Images are never written, by whatever name: one in the folder of --out (`x.nii.gz`, also where `x.nii` was asked for,
 * whose label map would be taken for the image ever after), or one that is reached by a link.
 *
 * @throws ImageArgumentError
 */
async function refuseImages(jobs: readonly { readonly channels: readonly string[]; readonly target: string }[]) {
  const images = new Set<string>();
  for (const path of jobs.flatMap(({ channels }) => channels)) {
    const image = await withFileErrors('read', path, realpath(path));
    images.add(join(dirname(image), `${stemOf(basename(image))}.nii.gz`));
  }
  for (const { target } of jobs) {
    const real = await realpath(target).catch(async () => join(await realpath(dirname(target)), basename(target)));
    if (images.has(real)) {
      throw new ImageArgumentError(`The label map would take the place of the image ${target}: choose another --out.`);
    }
  }
}

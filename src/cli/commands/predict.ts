import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { engineChoice } from '../../core/protocol/engine-contract.ts';
import { fileAccessError } from '../../node/file-access-error.ts';
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
    const jobs = cases.map((found) => ({ ...found, target: join(out, `${found.id}.nii.gz`) }));
    for (const { channels, target } of jobs) {
      if (channels.includes(target)) {
        throw new ImageArgumentError(`The label map would replace the image ${target}: choose another --out.`);
      }
    }
    try {
      await mkdir(out, { recursive: true });
    } catch (error) {
      throw fileAccessError('write', out, error);
    }
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

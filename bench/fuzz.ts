// Gives every reader of files and messages changed inputs (test/fuzz/codecs.ts): `npm run bench -- fuzz [--inputs N]
// [--seed N] [--codec NAME]`. A million inputs by default, for every night another seed. An input that is neither read nor
// refused with an error for users is kept as a file in .e2e/fuzz/, and the exit code is 1.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withCodecs } from '../test/fuzz/codecs.ts';
import { type FuzzCount, fuzz } from '../test/fuzz/fuzz.ts';

const MS_PER_DAY = 86_400_000;
const { values } = parseArgs({
  options: { inputs: { type: 'string' }, seed: { type: 'string' }, codec: { type: 'string' } },
});
const inputs = Number(values.inputs ?? 1_000_000);
const seed = Number(values.seed ?? Math.floor(Date.now() / MS_PER_DAY));
const folder = join(process.cwd(), '.e2e', 'fuzz');

const counts = await withCodecs(async (all) => {
  const codecs = all.filter(({ name }) => values.codec === undefined || name === values.codec);
  const each = Math.ceil(inputs / codecs.length);
  console.log(`Seed ${seed}: ${each} inputs for each of ${codecs.length} codecs.`);
  const done: FuzzCount[] = [];
  for (const codec of codecs) {
    const started = process.cpuUsage();
    const count = await fuzz(codec, seed, each);
    const { user, system } = process.cpuUsage(started);
    const seconds = ((user + system) / 1e6).toFixed(1);
    console.log(
      `${codec.name.padEnd(28)}${String(count.inputs).padStart(9)} inputs ${String(count.accepted).padStart(9)} read ` +
        `${String(count.refused).padStart(9)} refused ${seconds.padStart(7)} s of CPU`,
    );
    if (count.failure) console.log(keep(count.failure));
    done.push(count);
  }
  return done;
});
const failures = counts.filter(({ failure }) => failure !== null).length;
console.log(
  `${counts.reduce((sum, count) => sum + count.inputs, 0)} inputs, ${failures} codecs failed (seed ${seed}).`,
);
process.exitCode = failures > 0 ? 1 : 0;

function keep({ codec, index, input, reason }: NonNullable<FuzzCount['failure']>): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${codec.replaceAll(/[^a-z]+/gi, '-')}-${seed}-${index}.bin`);
  writeFileSync(path, input);
  return `${path}\n${reason instanceof Error ? reason.stack : String(reason)}`;
}

import { resolve } from 'node:path';
import { type EngineFolders, type PackagedEngineId, packagedEngines } from '../core/engines/engine-packages.ts';

/**
 * The options for `readArguments`: one for each engine whose package the user installs, with the folder as its value.
 */
export const engineFolderOptions = Object.fromEntries(
  packagedEngines.map(({ id }) => [id, { type: 'string' }] as const),
) as Readonly<Record<PackagedEngineId, { readonly type: 'string' }>>;

/** The folders that these options were given. */
export function givenEngineFolders(
  values: Readonly<Partial<Record<PackagedEngineId, string | undefined>>>,
): EngineFolders {
  const given = packagedEngines.flatMap(({ id }) => {
    const folder = values[id];
    return folder === undefined ? [] : [[id, resolve(folder)] as const];
  });
  return Object.fromEntries(given);
}

/** The lines of a command's help about these options. @param column where explanations begin */
export function engineFolderHelp(column: number): string {
  return packagedEngines
    .map(
      ({ id, package: { library } }) =>
        `  --${id} DIR\n${' '.repeat(column)}where ${library} was installed: one engine more (see voxel-loop engines)`,
    )
    .join('\n');
}

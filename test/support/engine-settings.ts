import type { EngineEntry } from '../../src/core/engines/engine-entry.ts';

interface Manifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Record<string, Record<string, unknown>> };
    readonly commands: readonly { readonly command: string }[];
  };
}

/** The manifest's text with the engines of the registry as the values of the setting `voxelLoop.engine`. */
export function withEngineSetting(manifest: string, engines: readonly EngineEntry[]): string {
  const changed = JSON.parse(manifest) as Manifest;
  const setting = changed.contributes.configuration.properties['voxelLoop.engine'];
  const [automatic] = setting.enumDescriptions as string[];
  setting.enum = ['auto', ...engines.map(({ id }) => id)];
  setting.enumDescriptions = [automatic, ...engines.map(({ description }) => description)];
  return `${JSON.stringify(changed, null, 2)}\n`;
}

/** What the manifest lacks for engines whose package the user installs. */
export function missingForPackages(manifest: string, engines: readonly EngineEntry[]): string[] {
  const { properties } = (JSON.parse(manifest) as Manifest).contributes.configuration;
  const commands = (JSON.parse(manifest) as Manifest).contributes.commands.map(({ command }) => command);
  return engines.flatMap((engine) => {
    if (!engine.package) return [];
    const [setting, command] = [`voxelLoop.${engine.id}.path`, `voxelLoop.${engine.package.installCommand}`];
    return [...(setting in properties ? [] : [setting]), ...(commands.includes(command) ? [] : [command])];
  });
}

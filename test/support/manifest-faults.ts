export interface Contributions {
  readonly commands: readonly { readonly command: string }[];
  readonly keybindings: readonly { readonly command: string }[];
  readonly menus: Readonly<Record<string, readonly { readonly command?: string }[]>>;
  readonly viewsWelcome: readonly { readonly contents: string }[];
  readonly customEditors: readonly { readonly viewType: string }[];
  readonly configuration:
    | { readonly properties: Readonly<Record<string, unknown>> }
    | readonly { readonly properties: Readonly<Record<string, unknown>> }[];
}

const PREFIX = 'voxelLoop.';

/**
 * Compares what `package.json` promises VS Code with what the code of the extension says, by name. VS Code tells nobody
 * about a command that nothing carries out, or about a setting that nothing reads, until a person tries it.
 *
 * @param source the text of all files of the extension
 * @param viewTypes the types of the editor in the code
 * @param fromRegistries commands and settings that come from a registry, where other tests hold `package.json` against it
 * @returns what does not fit, each as a short text
 */
export function manifestFaults(
  contributes: Contributions,
  source: string,
  viewTypes: readonly string[],
  fromRegistries: readonly string[],
): string[] {
  const commands = contributes.commands.map(({ command }) => command);
  const settings = [contributes.configuration].flat().flatMap(({ properties }) => Object.keys(properties));
  const named = [
    ...contributes.keybindings.map(({ command }) => command),
    ...Object.values(contributes.menus).flatMap((items) => items.flatMap(({ command }) => command ?? [])),
    ...contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/command:([\w.]+)/g)].map(([, command]) => command),
    ),
  ].filter((command) => command.startsWith(PREFIX));
  const registered = [...source.matchAll(/\bcommand\(\s*'([\w.]+)'/g)].map(([, name]) => PREFIX + name);
  const types = contributes.customEditors.map(({ viewType }) => viewType);
  return [
    ...named.filter((command) => !commands.includes(command)).map((command) => `${command} is used, and is no command`),
    ...commands
      .filter((command) => !fromRegistries.includes(command) && !isCarriedOut(source, command))
      .map((command) => `nothing carries out ${command}`),
    ...registered
      .filter((command) => !commands.includes(command) && !source.includes(`'${command}'`))
      .map((command) => `${command} is carried out, and nobody can run it`),
    ...settings
      .filter((setting) => !fromRegistries.includes(setting) && !isRead(source, setting))
      .map((setting) => `nothing reads ${setting}`),
    ...types.filter((type) => !viewTypes.includes(type)).map((type) => `${type} is no type of the editor`),
    ...viewTypes.filter((type) => !types.includes(type)).map((type) => `no selector opens ${type}`),
  ];
}

/** Commands are registered by their names, or each by its last name with what stands before it, or as the keys of an object. */
function isCarriedOut(source: string, command: string): boolean {
  const name = command.slice(PREFIX.length);
  const last = name.slice(name.lastIndexOf('.') + 1);
  return source.includes(`'${name}'`) || source.includes(`'${last}'`) || new RegExp(`^\\s*${last}:`, 'm').test(source);
}

/** Settings are read by their whole name, or without the prefix, or without that of their section. */
function isRead(source: string, setting: string): boolean {
  const parts = setting.split('.');
  return parts.some((_, from) => source.includes(`'${parts.slice(from).join('.')}'`));
}

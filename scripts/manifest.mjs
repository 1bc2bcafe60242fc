// npm run manifest: writes the annotation tools' commands and keys in package.json anew, from src/core/tools/registry.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const manifest = path.join(root, 'package.json');

/** Either type of the editor (`src/extension/platform/view-type.ts`). */
const EDITOR_IS_ACTIVE = 'activeCustomEditorId =~ /^voxelLoop\\.(volume|optionalVolume)$/';

/** Letters belong to our page. Where the tab is in front but something else has the focus, they must not reach into it. */
const WHEN_NOTHING_ELSE_HAS_FOCUS = `${EDITOR_IS_ACTIVE} && !inputFocus && !listFocus && !sideBarFocus && !auxiliaryBarFocus && !panelFocus`;

/**
 * @typedef {{ id: string, title: string, key: { letter: string, shift?: true } }} ToolFacts
 * @typedef {{ command: string, key?: string }} Contribution
 * @param {readonly ToolFacts[]} tools
 * @param {(id: string) => string} commandOf
 */
export function toolContributions(tools, commandOf) {
  return {
    commands: tools.map(({ id, title }) => ({
      command: `voxelLoop.${commandOf(id)}`,
      category: 'Voxel Loop',
      title: `${inTitleCase(title)} Tool`,
      enablement: EDITOR_IS_ACTIVE,
    })),
    keybindings: tools.map(({ id, key }) => ({
      command: `voxelLoop.${commandOf(id)}`,
      key: `${key.shift ? 'shift+' : ''}${key.letter}`,
      when: WHEN_NOTHING_ELSE_HAS_FOCUS,
    })),
  };
}

/**
 * As VS Code writes its commands: every word begins with a capital letter.
 * @param {string} title
 */
function inTitleCase(title) {
  return title.replace(/(^|\s)\p{Ll}/gu, (start) => start.toUpperCase());
}

/**
 * The contributions with those of tools in the place of those that were there, after `toolNavigate`.
 * @template {Contribution} Kind
 * @param {readonly Kind[]} before
 * @param {readonly Kind[]} ofTools
 * @returns {Kind[]}
 */
export function withTools(before, ofTools) {
  const isOfTool = (/** @type {Kind} */ { command }) => /^voxelLoop\.tool[A-Z]/.test(command) && !isNavigate(command);
  const others = before.filter((one) => !isOfTool(one));
  const at = others.findIndex(({ command }) => isNavigate(command)) + 1 || others.length;
  return [...others.slice(0, at), ...ofTools, ...others.slice(at)];
}

/** @param {string} command */
function isNavigate(command) {
  return command === 'voxelLoop.toolNavigate';
}

async function rewrite() {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { TOOLS } from './registry.ts'; export { toolCommand } from './known-tools.ts';",
      resolveDir: path.join(root, 'src/core/tools'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
  });
  const { TOOLS, toolCommand } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  const described = JSON.parse(readFileSync(manifest, 'utf8'));
  const { commands, keybindings } = toolContributions(TOOLS, toolCommand);
  described.contributes.commands = withTools(described.contributes.commands, commands);
  described.contributes.keybindings = withTools(described.contributes.keybindings, keybindings);
  writeFileSync(manifest, `${JSON.stringify(described, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await rewrite();

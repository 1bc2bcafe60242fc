import { describe, expect, it } from 'vitest';
import { useEditor } from './support/editor.ts';

describe('VS Code on a folder without volumes', () => {
  const editor = useEditor({ files: { 'reports/a.txt': 'healthy', 'notes.txt': 'notes' } });

  it('opens what is clicked in the explorer', async () => {
    await editor().openFile('reports/a.txt');
    await editor().cleanTab('a.txt').waitFor();
    await editor().page.locator('.view-line', { hasText: 'healthy' }).waitFor();
  });

  it('runs a command from the palette', async () => {
    await editor().palette('View: Close All Editors');
    await editor().tab('a.txt').waitFor({ state: 'detached' });
  });

  it('leaves the extension asleep until a volume or one of its commands is used', async () => {
    const log = editor().extensionHostLog(1000);
    expect(log).toContain('_doActivateExtension vscode.'); // the log does say who is activated
    expect(log).not.toContain('_doActivateExtension voxel-loop.');
  });
});

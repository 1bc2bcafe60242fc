import { describe, expect, it } from 'vitest';
import { useEditor } from './support/editor.ts';

describe('the workbench', () => {
  const editor = useEditor({ files: { 'images/a.txt': 'a volume', 'notes.txt': 'notes' } });

  it('shows the folder and opens what is clicked', async () => {
    await editor().openFile('images/a.txt');
    await editor().screenshot('workbench');
    expect(await editor().page.title()).toContain('a.txt');
  });
  it('runs a command from the palette', async () => {
    await editor().palette('View: Close All Editors');
    await editor().tab('a.txt').waitFor({ state: 'detached' });
  });
});

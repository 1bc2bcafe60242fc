import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasSharedData, sharedDataFolder } from '../support/shared-data.ts';
import { AnnotationView } from './support/annotation-view.ts';
import { useEditor } from './support/editor.ts';

const image = (n: string) => join(sharedDataFolder, `hippocampus/imagesTr/hippocampus_${n}.nii.gz`);

describe.skipIf(!hasSharedData('hippocampus'))('a volume under version control', () => {
  const editor = useEditor({
    files: { 'brain.nii.gz': { copyOf: image('001') } },
    settings: { 'git.enabled': true, 'git.openRepositoryInParentFolders': 'never' },
  });

  it('is shown as it was beside what it is, and only what it is can be drawn on', async () => {
    const { workspace, page } = editor();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd: workspace });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'first');
    copyFileSync(image('003'), join(workspace, 'brain.nii.gz'));
    await editor().reload();
    // VS Code's first two webviews in a browser's life share a service worker that is just starting. If they open in one
    // moment, the second may wait for it for ever (it was not there yet when the worker took over its pages).
    await editor().openFile('brain.nii.gz');
    await new AnnotationView(editor()).ready();
    await editor().palette('View: Close All Editors');
    await page.locator('.activitybar [aria-label^="Source Control"]').first().click();
    await page.locator('.scm-view .monaco-list-row', { hasText: 'brain.nii.gz' }).click();
    const views = [new AnnotationView(editor(), 0), new AnnotationView(editor(), 1)];
    for (const view of views) await view.ready();
    // The two pages are made in either order; the one that came from git says so.
    const isFromGit = (view: AnnotationView) =>
      view.frame.locator('.read-only', { hasText: 'comes from "git:"' }).count();
    const [before, now] = (await isFromGit(views[0])) === 1 ? views : [views[1], views[0]];
    expect(await isFromGit(before)).toBe(1);
    expect(await now.frame.locator('.read-only').count()).toBe(0);
    await before.press('b');
    await before.drag('axial', [[10, 10]]);
    await now.press('b');
    await now.drag('axial', [[10, 10]]);
    await page.locator('.tab.dirty').waitFor();
    await editor().screenshot('git-changes');
  });
});

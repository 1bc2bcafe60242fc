import { describe, expect, test, vi } from 'vitest';
import { decodeEditsThatGrew } from '../../../../src/core/case/document/edits-codec.ts';
import { decodeLabelBox } from '../../../../src/core/label/label-box.ts';
import type { ParamsOf, PayloadOf } from '../../../../src/core/protocol/contract.ts';
import {
  type EditorContract,
  editorContract,
  type HostContract,
  hostContract,
} from '../../../../src/core/protocol/editor-contract.ts';
import { Endpoint, type MessageChannelPort } from '../../../../src/core/protocol/endpoint.ts';
import type { Gesture } from '../../../../src/core/tools/known-tools.ts';
import type { VolumeSummary } from '../../../../src/core/volume/volume-schemas.ts';
import { EditorHost } from '../../../../src/node/case/host/editor-host.ts';
import type { EditorSurroundings, HostServices } from '../../../../src/node/case/host/host-services.ts';
import type { HostedDocument, ServedImage } from '../../../../src/node/case/host/hosted-document.ts';
import { type HostedCaseOptions, hostCase } from '../../../support/hosted-case.ts';
import { linkedPorts } from '../../../support/linked-ports.ts';
import { shortVolume, tinyGrid } from '../../../support/tiny-volume.ts';

const SHAPE = [9, 8, 7] as const;
const volume = shortVolume(
  tinyGrid(SHAPE, [1, 1, 2]),
  Array.from({ length: 9 * 8 * 7 }, (_, voxel) => voxel),
);
const DAB = {
  tool: 'brush',
  plane: 'axial',
  slice: 3,
  path: [[3, 3]],
  radiusMm: 0.1,
  label: 1,
} as const satisfies Gesture;

/** A page that says what a test wants to be said, and writes down what it hears. */
async function paged(options: HostedCaseOptions = {}) {
  const [hostPort, pagePort] = linkedPorts();
  const host = await hostCase(hostPort, volume, undefined, options);
  return { host, ...listeningPage(pagePort) };
}

function listeningPage(port: MessageChannelPort) {
  const changes: PayloadOf<EditorContract, 'documentChanged'>[] = [];
  let resets = 0;
  const page = new Endpoint(
    port,
    editorContract,
    {
      settle: () => ({}),
      'on:documentChanged': (change: PayloadOf<EditorContract, 'documentChanged'>) => changes.push(change),
      'on:proposalChanged': () => undefined,
      'on:secondReviewerChanged': () => undefined,
      'on:reset': () => {
        resets++;
      },
      'on:loadProgress': () => undefined,
      'on:status': () => undefined,
      'on:perform': () => undefined,
      'on:goTo': () => undefined,
    },
    hostContract,
    (error) => {
      throw error;
    },
  );
  return { page, changes, resets: () => resets };
}

describe('the host of an editor', () => {
  test('acknowledges a stroke when it would outlive the process, and not before', async () => {
    let kept: () => void = () => undefined;
    const editsKept = () =>
      new Promise<void>((resolve) => {
        kept = resolve;
      });
    const { host, page } = await paged({ editsKept });
    const answered: string[] = [];
    const drawn = page.request('stroke', { revision: 0, strokeId: 1, stroke: DAB }).then(() => answered.push('stroke'));
    await vi.waitFor(() => expect(host.count(1)).toBe(1));
    await page.request('open', {}).then(() => answered.push('snapshot'));
    kept();
    await drawn;
    expect(answered).toEqual(['snapshot', 'stroke']);
  });

  test('keeps what it has acknowledged where a crash of the process leaves it', async () => {
    const { host, page } = await paged();
    expect(await page.request('stroke', { revision: 0, strokeId: 1, stroke: DAB })).toEqual({ revision: 1 });
    const kept = decodeEditsThatGrew((await host.backup.read()) as Uint8Array);
    expect(kept.edits.map(({ labels }) => labels)).toEqual(
      host.session.backup().edits.edits.map(({ labels }) => labels),
    );
    expect(kept.edits).toHaveLength(1);
  });

  test('takes strokes on the revisions that it holds, and none on labels that were read again since', async () => {
    const { host, page } = await paged();
    const draw = (revision: number, column: number) =>
      page.request('stroke', { revision, strokeId: column, stroke: { ...DAB, path: [[column, 3]] } });
    await draw(0, 1);
    // Drawn before the page had heard of the first one.
    await draw(0, 3);
    expect(host.count(1)).toBe(2);
    await host.session.revert();
    expect(host.count(1)).toBe(0);
    for (const revision of [0, 2, host.revision() + 1]) {
      await expect(draw(revision, 5)).rejects.toMatchObject({ code: 'stale-revision' });
    }
    expect(host.count(1)).toBe(0);
    await draw(host.revision(), 5);
    expect(host.count(1)).toBe(1);
  });

  test('tells a page which of its own strokes a change is, and of those of others that they are not its own', async () => {
    const { host, page, changes } = await paged();
    await page.request('stroke', { revision: 0, strokeId: 7, stroke: DAB });
    host.paint({ ...DAB, path: [[5, 5]] });
    await vi.waitFor(() => expect(changes.map(({ strokeId }) => strokeId)).toEqual([7, undefined]));
  });

  test('changes nothing while drawing is locked, and says the sentence of the lock', async () => {
    const { host, page, resets } = await paged();
    host.document.lock('disk', 'The disk is read-only.');
    await vi.waitFor(() => expect(resets()).toBe(1));
    const seen = { revision: 0, proposalId: null };
    const refused = { code: 'read-only', message: 'The disk is read-only.' };
    await expect(page.request('stroke', { revision: 0, strokeId: 1, stroke: DAB })).rejects.toMatchObject(refused);
    await expect(
      page.request('review', { ...seen, intent: { action: 'accept-slices', from: 0, to: 0 } }),
    ).rejects.toMatchObject(refused);
    await expect(page.request('addLabel', { name: 'cyst' })).rejects.toMatchObject(refused);
    await expect(
      page.request('editLabel', { label: 1, entry: { value: 1, name: 'spleen', color: '#112233' } }),
    ).rejects.toMatchObject(refused);
    expect(host.revision()).toBe(0);
    expect((await page.request('open', {})).readOnlyReason).toBe('The disk is read-only.');

    host.document.lock('disk', null);
    await page.request('stroke', { revision: 0, strokeId: 2, stroke: DAB });
    expect(host.count(1)).toBe(1);
  });

  test('answers for a volume that can only be looked at without making a label map of its size', async () => {
    const [hostPort, pagePort] = linkedPorts();
    // No label map may have so many voxels.
    const summary = { grid: tinyGrid([4096, 4096, 1024]) } as VolumeSummary;
    const document = {
      session: null,
      volume: { summary } as ServedImage,
      onDidShowAnew: () => ({ dispose: () => undefined }),
    } as Partial<HostedDocument> as HostedDocument;
    const host = new EditorHost(document, hostPort, {} as HostServices, {} as EditorSurroundings);
    const { page } = listeningPage(pagePort);
    const box = { from: [0, 0, 16], to: [4096, 512, 18] } as const;
    const asked = { layer: { of: 'document' } as const, box: { from: [...box.from], to: [...box.to] } };
    const { revision, labels } = await page.request('labelBox', asked as ParamsOf<HostContract, 'labelBox'>);
    const runs: unknown[] = [];
    decodeLabelBox(labels, summary.grid.shape, box, (label, _start, length) => runs.push([label, length]));
    expect([revision, runs]).toEqual([
      0,
      [
        [0, 4096 * 512],
        [0, 4096 * 512],
      ],
    ]);
    host.dispose();
  });

  test('renames a label only when somebody has said for whom, and on the labels as they are by then', async () => {
    let answer: (scope: 'case' | undefined) => void = () => undefined;
    const scopeOfLabelChange = () =>
      new Promise<'case' | undefined>((resolve) => {
        answer = resolve;
      });
    const { host, page } = await paged({ scopeOfLabelChange });
    const entry = { value: 1, name: 'spleen', color: host.table()[1].color };
    await page.request('editLabel', { label: 1, entry });
    answer(undefined);
    await page.request('open', {});
    expect(host.table()[1].name).toBe('liver');
    await page.request('editLabel', { label: 1, entry });
    await page.request('stroke', { revision: 0, strokeId: 1, stroke: DAB });
    answer('case');
    await vi.waitFor(() => expect(host.table()[1].name).toBe('spleen'));
    expect(host.count(1)).toBe(1);
  });

  test('shows what a place holds that it was told of before its page was there', async () => {
    const [hostPort, pagePort] = linkedPorts();
    const host = await hostCase(hostPort, volume);
    host.goTo({ voxel: [1, 2, 3] });
    const heard: unknown[] = [];
    pagePort.listen((message) => heard.push(message));
    pagePort.post({ kind: 'request', id: 1, method: 'open', params: {} });
    await vi.waitFor(() =>
      expect(heard).toContainEqual({ kind: 'event', name: 'goTo', payload: { voxel: [1, 2, 3] } }),
    );
  });
});

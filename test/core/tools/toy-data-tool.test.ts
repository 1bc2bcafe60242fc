import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { CaseReplica } from '../../../src/core/case/document/case-replica.ts';
import { planGesture } from '../../../src/core/case/document/document-intents.ts';
import { slicePlanes } from '../../../src/core/geometry/slice-plane.ts';
import { encodeLabelBox } from '../../../src/core/label/label-box.ts';
import { Endpoint } from '../../../src/core/protocol/endpoint.ts';
import { parseGesture, toolOf } from '../../../src/core/tools/known-tools.ts';
import type { Hand } from '../../../src/core/tools/tool.ts';
import { volumeWorkerClientContract, volumeWorkerContract } from '../../../src/node/volume-worker/contract.ts';
import { serveVolumes } from '../../../src/node/volume-worker/volume-worker.ts';
import { KEY_HELP } from '../../../src/webview/actions/keymap.ts';
import { type DrawnGesture, OpenGesture } from '../../../src/webview/tools/open-gesture.ts';
import { documentOf, SHAPE, SIZE } from '../../support/case-world.ts';
import { linkedPorts } from '../../support/linked-ports.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../support/tiny-volume.ts';

// The one line in the registry. Nothing else of the house knows of the toy.
vi.mock('../../../src/core/tools/registry.ts', async (original) => {
  const { TOOLS: tools } = await original<{ TOOLS: readonly unknown[] }>();
  const { above } = await import('./above.ts');
  return { TOOLS: [...tools, above] };
});

const grid = tinyGrid(SHAPE);
const planes = slicePlanes(grid, 'radiological');
const values = Array.from({ length: SIZE }, (_, at) => (at * 37) % 101);
/** Here somebody has drawn before: every fifth voxel. */
const drawn = Uint8Array.from({ length: SIZE }, (_, at) => (at % 5 === 0 ? 2 : 0));
const newDocument = () => documentOf({ planes, reviewPlane: 'axial', labels: drawn });

/** The volume worker as it is, on this thread, because its own thread does not know the toy. */
async function openVolume() {
  const path = join(temporaryFolder(), 'image.nii');
  writeFileSync(path, shortVolume(grid, values));
  const [port, workerPort] = linkedPorts();
  const fail = (error: Error) => {
    throw error;
  };
  serveVolumes(workerPort, fail);
  const { labels } = newDocument();
  const worker = new Endpoint(
    port,
    volumeWorkerClientContract,
    {
      labelBox: ({ box }) => ({ labels: encodeLabelBox(labels, box) }),
      'on:loadProgress': () => undefined,
      'on:note': () => undefined,
    },
    volumeWorkerContract,
    fail,
  );
  const { volume } = await worker.request('open', { path, memoryBudgetBytes: 2 ** 24 });
  return { worker, volume };
}

it('a tool that looks at the image is a folder and a line of the registry: asked, worked out, shown, sent and drawn', async () => {
  const { worker, volume } = await openVolume();
  expect(KEY_HELP.some(({ lines }) => lines.some(({ text }) => text.startsWith('Above: paints')))).toBe(true);
  const replica = new CaseReplica(newDocument());
  const sent: DrawnGesture[] = [];
  const told: number[] = [];
  const gesture = new OpenGesture(replica, toolOf('above'), {
    send: (one) => void sent.push(one),
    ask: async (query, signal, onProgress) =>
      parseGesture(await worker.request('answer', { volume, asker: 1, query }, { signal, onProgress })),
    answered: () => told.push(1),
    progressed: () => told.push(gesture.workFraction ?? 1),
    failed: (error) => {
      throw error;
    },
  });
  const hand: Hand = {
    plane: 'axial',
    slicePlane: planes.axial,
    slice: 2,
    at: [3, 4],
    timeIndex: 0,
    settings: {},
    label: 1,
    onlyOver: undefined,
    erases: false,
    alternative: false,
  };
  gesture.press(hand);
  gesture.handle({ kind: 'release' });
  // It was meant before anybody knew what it draws.
  expect(gesture.isWorkedOut).toBe(true);
  expect(sent).toEqual([]);
  await gesture.ended();
  expect(gesture.isWorkedOut).toBe(false);
  expect(told).toEqual([0.5, 1]);
  const expected = values.map((value, at) => (drawn[at] === 0 && value > 50 ? 1 : drawn[at]));
  expect([...replica.labels.read(0, SIZE)]).toEqual(expected);
  // The host draws what was seen, and asks nobody again.
  const host = newDocument();
  const edit = planGesture(host, parseGesture(JSON.parse(JSON.stringify(sent[0].gesture))));
  if (edit) host.apply(edit);
  expect([...host.labels.read(0, SIZE)]).toEqual(expected);
  expect(edit?.title).toBe('Above');
});

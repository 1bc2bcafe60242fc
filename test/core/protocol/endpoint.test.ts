import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { CancelSource, throwIfCancelled } from '../../../src/core/cancel.ts';
import { CancelledError, VoxelLoopError } from '../../../src/core/errors.ts';
import type { Contract } from '../../../src/core/protocol/contract.ts';
import {
  DisconnectedError,
  Endpoint,
  type Handlers,
  type MessageChannelPort,
  ProtocolError,
  RemoteError,
} from '../../../src/core/protocol/endpoint.ts';

const server = {
  requests: {
    double: { params: v.strictObject({ x: v.number() }), result: v.number() },
    countTo: { params: v.strictObject({ n: v.number() }), result: v.number(), progress: v.number() },
    fail: { params: v.strictObject({ how: v.picklist(['typed', 'bug', 'wrong-result']) }), result: v.number() },
    wait: { params: v.strictObject({}), result: v.string() },
  },
  events: { poke: v.strictObject({ times: v.number() }) },
} as const satisfies Contract;
const nothing = { requests: {}, events: {} } as const satisfies Contract;

class TeapotError extends VoxelLoopError {
  readonly code = 'teapot';
}

/** Two ports joined by structured clone, as every real channel does. */
function channel(): [MessageChannelPort, MessageChannelPort, { toServer: unknown[] }] {
  const listeners: ((message: unknown) => void)[][] = [[], []];
  const seen = { toServer: [] as unknown[] };
  const port = (mine: number, theirs: number): MessageChannelPort => ({
    post: (message) => {
      const copy = structuredClone(message);
      if (theirs === 1) seen.toServer.push(copy);
      queueMicrotask(() => {
        for (const listener of [...listeners[theirs]]) listener(copy);
      });
    },
    listen: (receive) => {
      listeners[mine].push(receive);
      return () => listeners[mine].splice(listeners[mine].indexOf(receive), 1);
    },
  });
  return [port(0, 1), port(1, 0), seen];
}

function connect(overrides: Partial<Handlers<typeof server>> = {}) {
  const [clientPort, serverPort, seen] = channel();
  const defects: Error[] = [];
  const pokes: number[] = [];
  const served = new Endpoint(
    serverPort,
    server,
    {
      double: ({ x }) => 2 * x,
      countTo: async ({ n }, { signal, progress }) => {
        for (let i = 1; i <= n; i++) {
          throwIfCancelled(signal);
          progress(i);
          await Promise.resolve();
        }
        return n;
      },
      fail: ({ how }) => {
        if (how === 'typed') throw new TeapotError('Short and stout. Use a kettle.');
        if (how === 'wrong-result') return 'seven' as unknown as number;
        throw new TypeError('undefined is not a function');
      },
      wait: (_params, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError()))),
      'on:poke': ({ times }) => pokes.push(times),
      ...overrides,
    },
    nothing,
    (error) => defects.push(error),
  );
  const client = new Endpoint(clientPort, nothing, {}, server, (error) => defects.push(error));
  return { client, served, defects, pokes, clientPort, seen };
}

describe('Endpoint', () => {
  it('answers requests and delivers events in order', async () => {
    const { client, pokes } = connect();
    client.emit('poke', { times: 1 });
    client.emit('poke', { times: 2 });
    expect(await Promise.all([1, 2, 3].map((x) => client.request('double', { x })))).toEqual([2, 4, 6]);
    expect(pokes).toEqual([1, 2]);
  });

  it('reports progress before the result', async () => {
    const { client } = connect();
    const reports: number[] = [];
    expect(await client.request('countTo', { n: 3 }, { onProgress: (i) => reports.push(i) })).toBe(3);
    expect(reports).toEqual([1, 2, 3]);
  });

  it('carries the code and sentence of a typed error, and reports nothing as a defect', async () => {
    const { client, defects } = connect();
    const failure = await client.request('fail', { how: 'typed' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RemoteError);
    expect(failure).toMatchObject({ code: 'teapot', message: 'Short and stout. Use a kettle.' });
    expect(defects).toEqual([]);
  });

  it('answers with code "internal" when a handler has a bug, and reports the bug where it happened', async () => {
    const { client, defects } = connect();
    await expect(client.request('fail', { how: 'bug' })).rejects.toMatchObject({ code: 'internal' });
    expect(defects).toHaveLength(1);
    expect(defects[0]).toBeInstanceOf(TypeError);
  });

  it('rejects parameters and results that break the contract', async () => {
    const { client } = connect();
    await expect(client.request('double', { x: 'two' as unknown as number })).rejects.toMatchObject({
      code: 'protocol',
    });
    await expect(client.request('fail', { how: 'wrong-result' })).rejects.toBeInstanceOf(ProtocolError);
  });

  it('reports an event that breaks the contract, without calling the handler', async () => {
    const { client, defects, pokes } = connect();
    client.emit('poke', { times: 'often' as unknown as number });
    client.emit('constructor' as 'poke', { times: 1 });
    await client.request('double', { x: 1 });
    expect(pokes).toEqual([]);
    expect(defects.map((error) => error.constructor)).toEqual([ProtocolError, ProtocolError]);
  });

  it('refuses requests that the contract does not have, inherited names included', async () => {
    const { client, clientPort } = connect();
    const answers: unknown[] = [];
    clientPort.listen((message) => answers.push(message));
    clientPort.post({ kind: 'request', id: 77, method: 'toString', params: {} });
    await client.request('double', { x: 1 });
    expect(answers).toContainEqual(expect.objectContaining({ kind: 'error', id: 77, code: 'protocol' }));
  });

  it('cancels the handler, and a request with a cancelled signal is never sent', async () => {
    const { client, seen } = connect();
    const source = new CancelSource();
    const waiting = client.request('wait', {}, { signal: source.signal });
    source.cancel();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    const sent = seen.toServer.length;
    await expect(client.request('wait', {}, { signal: source.signal })).rejects.toBeInstanceOf(CancelledError);
    expect(seen.toServer).toHaveLength(sent);
  });

  it('rejects what is pending when it closes, and everything after', async () => {
    const { client } = connect();
    const waiting = client.request('wait', {});
    client.close(new DisconnectedError('The engine stopped. It is started again with the next prediction.'));
    await expect(waiting).rejects.toBeInstanceOf(DisconnectedError);
    await expect(client.request('double', { x: 1 })).rejects.toBeInstanceOf(DisconnectedError);
  });

  it('cancels what it runs when its side closes', async () => {
    let aborted = false;
    const { client, served } = connect({
      wait: (_params, { signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve('late');
          }),
        ),
    });
    void client.request('wait', {}).catch(() => undefined);
    await client.request('double', { x: 1 });
    served.close();
    expect(aborted).toBe(true);
  });

  it('ignores what is not a message of ours', async () => {
    const { client, clientPort, defects } = connect();
    for (const junk of [null, 7, 'hello', { kind: 'nonsense' }, { type: 'webpackOk' }]) clientPort.post(junk);
    expect(await client.request('double', { x: 4 })).toBe(8);
    expect(defects).toEqual([]);
  });
});

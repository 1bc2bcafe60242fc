import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/core/learn/training/checkpoint-codec.ts';
import type { TrainingState } from '../../../src/core/learn/training/training-state.ts';
import { CheckpointThread } from '../../../src/engine/checkpoints/checkpoint-thread.ts';
import { CheckpointWriter, MOST_LOST_MS, mostLostMs } from '../../../src/engine/checkpoints/checkpoint-writer.ts';
import { bundleWorkers } from '../../support/loader-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function stateAt(step: number, tensors = 1): TrainingState {
  const weights = new Map(
    Array.from({ length: tensors }, (_, n) => [`w${n}`, { data: new Float32Array(1000).fill(step), shape: [1000] }]),
  );
  return {
    step,
    fraction: 0,
    trainedMs: 100 * step,
    weights,
    optimizer: { step, moments: new Map() },
    losses: [],
    curve: [],
    best: null,
    evaluationsSinceBest: 0,
    difficulties: [],
  };
}

describe('when checkpoints are written', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** A writer whose disk is as slow as the test wants. */
  function slowDisk(bytes = 1000) {
    const pending: { readonly step: number; readonly settle: (fails?: boolean) => Promise<void> }[] = [];
    const said: string[] = [];
    const writer = new CheckpointWriter(
      (state) =>
        new Promise((resolve, reject) => {
          const settle = async (fails = false) => {
            if (fails) reject(new Error('The disk is full.'));
            else resolve({ milliseconds: 40, bytes });
            await Promise.resolve();
            await Promise.resolve();
          };
          pending.push({ step: state.step, settle });
        }),
      () => undefined,
      (level, message) => said.push(`${level}: ${message}`),
    );
    const isWaiting = async () => {
      let waits = true;
      void writer.keepUp().then(() => {
        waits = false;
      });
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      return waits;
    };
    return { writer, pending, said, isWaiting };
  }

  it('is every five seconds of the wall clock, and less often where they are large', async () => {
    const { writer, pending, said } = slowDisk();
    await writer.save(stateAt(0));
    expect(writer.isDue()).toBe(false);
    await pending[0].settle();
    vi.advanceTimersByTime(4999);
    expect(writer.isDue()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(writer.isDue()).toBe(true);
    expect(said).toEqual([expect.stringMatching(/info: The checkpoint of step 0 was written in 0.04 s \(0.0 MB\)/)]);

    const large = slowDisk(500e6);
    await large.writer.save(stateAt(0));
    await large.pending[0].settle();
    vi.advanceTimersByTime(24_999);
    expect(large.writer.isDue()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(large.writer.isDue()).toBe(true);
  });

  it('lets training wait for a slow disk, rather than lose more than it may; a full one does not stop it', async () => {
    const { writer, pending, said, isWaiting } = slowDisk();
    await writer.save(stateAt(0));
    await pending[0].settle();
    vi.advanceTimersByTime(5000);
    await writer.save(stateAt(50));
    vi.advanceTimersByTime(MOST_LOST_MS - 5000);
    expect(await isWaiting()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await isWaiting()).toBe(true);
    await pending[1].settle();
    expect(await isWaiting()).toBe(false);

    vi.advanceTimersByTime(20_000);
    await writer.save(stateAt(90));
    expect(await isWaiting()).toBe(true);
    await pending[2].settle(true);
    expect(await isWaiting()).toBe(false);
    expect(said.at(-1)).toMatch(/warning: Training goes on without checkpoints.*The disk is full/);
  });

  it('stalls no training on a slow disk: one of 10 s left it 2 % of its time, without a word', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
    /** Ten minutes in steps of 0.1 s. */
    async function train(disk: { seconds: number; bytes?: number; fails?: boolean; evaluates?: boolean }) {
      const milliseconds = 1000 * disk.seconds;
      const warnings: string[] = [];
      const writer = new CheckpointWriter(
        async () => {
          await pause(milliseconds);
          if (disk.fails) throw new Error('The disk is full.');
          return { milliseconds, bytes: disk.bytes ?? 20e6 };
        },
        ({ step }) => {
          safeStep = step;
        },
        (level, message) => level === 'warning' && warnings.push(message),
      );
      const total = 6000;
      const endsAt = performance.now() + total * 100;
      let [step, safeStep, mostLost, isOver] = [0, 0, 0, false];
      void (async () => {
        await writer.save(stateAt(0, 0));
        while (performance.now() < endsAt) {
          await writer.keepUp();
          await pause(100);
          step++;
          // The first one has not shown yet how slow the disk is.
          if (safeStep > 0) mostLost = Math.max(mostLost, step - safeStep);
          if (writer.isDue() || (disk.evaluates && step % 20 === 0)) await writer.save(stateAt(step, 0));
        }
        isOver = true;
      })();
      for (let n = 0; n < 100 && !isOver; n++) await vi.advanceTimersByTimeAsync(10_000);
      return { share: step / total, lostMs: 100 * mostLost, warnings };
    }

    const fast = await train({ seconds: 1 });
    expect(fast).toMatchObject({ share: 1, warnings: [] });
    const bearable = await train({ seconds: 4 });
    expect(bearable.warnings).toEqual([]);
    for (const { lostMs } of [fast, bearable]) expect(lostMs).toBeLessThanOrEqual(MOST_LOST_MS + 100);
    for (const disk of [
      { seconds: 5 },
      { seconds: 10 },
      { seconds: 17, bytes: 500e6 },
      { seconds: 50 },
      { seconds: 10, evaluates: true },
      { seconds: 10, fails: true },
      // It hangs for ever.
      { seconds: 1e6 },
    ]) {
      const { share } = await train(disk);
      expect([disk, share > 0.79]).toEqual([disk, true]);
    }
    const slow = await train({ seconds: 10 });
    expect(slow.lostMs).toBeLessThanOrEqual(mostLostMs({ milliseconds: 10_000, bytes: 20e6 }) + 100);
    expect(slow.warnings).toEqual([
      'It took 10 s to write a checkpoint, most likely because the disk is slow. So that training does not stand still, they come less often, and up to 38 s of it are lost if it is interrupted.',
    ]);
  });

  it('writes the newest of the states that came while one was being written', async () => {
    const { writer, pending } = slowDisk();
    for (const step of [0, 10, 20]) await writer.save(stateAt(step));
    await pending[0].settle();
    await pending[1].settle();
    await writer.flush();
    expect(pending.map(({ step }) => step)).toEqual([0, 20]);
  });
});

describe('the thread that writes checkpoints', () => {
  function startThread(): CheckpointThread {
    const thread = new CheckpointThread(bundleWorkers().checkpoints);
    onTestFinished(() => thread.close());
    return thread;
  }

  it('needs no turns of a training that gives the event loop few: one of 20 MB took 99 s on a busy machine', async () => {
    const thread = startThread();
    const folder = join(temporaryFolder(), 'training');
    // It starts while the training prepares.
    await thread.write({ folder, within: folder, checkpoint: encodeCheckpoint({ state: stateAt(0), run: {} }) });
    let isWritten = false;
    const checkpoint = encodeCheckpoint({ state: stateAt(7, 600), run: {} });
    void thread.write({ folder, within: folder, checkpoint }).then(() => {
      isWritten = true;
    });
    // As ONNX Runtime does it: a step blocks the thread, and only between two of them the event loop has its turn.
    let steps = 0;
    while (!isWritten) {
      const until = performance.now() + 20;
      while (performance.now() < until);
      steps++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // In 600 pieces it took 600 steps and more, whatever a step takes.
    expect(steps).toBeLessThan(300);
    expect(decodeCheckpoint(readFileSync(join(folder, 'last.checkpoint'))).state).toEqual(stateAt(7, 600));
  });

  it('writes the best weights before the checkpoint that speaks of them, and removes what is over', async () => {
    const folder = join(temporaryFolder(), 'training');
    for (const name of ['aaaaaaaa', 'bbbbbbbb']) mkdirSync(join(folder, 'snapshot', name), { recursive: true });
    writeFileSync(join(folder, 'kept-as'), '3\n');
    const thread = startThread();
    const checkpoint = encodeCheckpoint({ state: stateAt(1), run: {} });
    await thread.write({ folder, within: folder, checkpoint, best: Uint8Array.of(1, 2, 3), keptSnapshot: 'bbbbbbbb' });
    expect([...readFileSync(join(folder, 'best.onnx'))]).toEqual([1, 2, 3]);
    expect(readdirSync(folder).sort()).toEqual(['best.onnx', 'last.checkpoint', 'snapshot']);
    expect(readdirSync(join(folder, 'snapshot'))).toEqual(['bbbbbbbb']);
  });

  it('says why where it cannot write, and is done with when it ended', async () => {
    const thread = startThread();
    const folder = join(temporaryFolder(), 'a file', 'training');
    writeFileSync(join(folder, '..'), '');
    const given = () => ({ folder, within: folder, checkpoint: encodeCheckpoint({ state: stateAt(1), run: {} }) });
    await expect(thread.write(given())).rejects.toMatchObject({ code: 'file-access' });
    await thread.close();
    await expect(thread.write(given())).rejects.toThrow();
  });
});

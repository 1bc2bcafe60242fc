import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import { CaseReplica, ReplicaOutOfStepError } from '../../../../src/core/case/document/case-replica.ts';
import { documentChangeOf } from '../../../../src/core/case/document/document-change.ts';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import { InvalidIntentError, planGesture, planNewLabel } from '../../../../src/core/case/document/document-intents.ts';
import type { BrushStroke } from '../../../../src/core/tools/brush/brush.ts';
import { type Gesture, isDragged } from '../../../../src/core/tools/known-tools.ts';
import { TOOLS } from '../../../../src/core/tools/registry.ts';
import type { GridPoint } from '../../../../src/core/tools/tool.ts';
import {
  type Action,
  actionIn,
  documentOf,
  proposalOf,
  visible,
  type World,
  world,
} from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const WHEN = { when: '2026-01-02T03:04:05Z' };

/** One editor and the two queues between it and the host: messages arrive in order, but at any later time. */
class Editor {
  readonly replica: CaseReplica;
  readonly toHost: { strokeId: number; stroke: Gesture }[] = [];
  readonly fromHost: ((replica: CaseReplica) => void)[] = [];
  /** Answers that the host has not sent yet: other changes may come between a stroke's change and its answer. */
  readonly answers: number[] = [];
  /** Strokes that were drawn and of which nothing was heard. */
  readonly open = new Set<number>();
  /** How often a foreign change went under strokes of its own. */
  rebased = 0;

  constructor(start: World) {
    this.replica = new CaseReplica(documentOf(start));
  }

  hear(): void {
    this.fromHost.shift()?.(this.replica);
  }
}

/** The host: puts everything in one order and tells every editor of every step before it answers. */
class Host {
  readonly #done: DocumentEdit[] = [];
  readonly #undone: DocumentEdit[] = [];
  #proposals = 0;

  constructor(
    readonly document: CaseDocument,
    private readonly editors: readonly Editor[],
  ) {}

  /** @param refused the host does not do it, for whatever reason */
  answer(editor: Editor, refused: boolean): void {
    this.sendAnswers(editor);
    const message = editor.toHost.shift();
    if (!message) return;
    const edit = refused ? null : planGesture(this.document, message.stroke);
    if (edit) this.#make(edit, editor, message.strokeId);
    editor.answers.push(message.strokeId);
  }

  sendAnswers(editor: Editor): void {
    for (const strokeId of editor.answers.splice(0)) {
      editor.fromHost.push((replica) => {
        editor.open.delete(strokeId);
        replica.settle(strokeId);
      });
    }
  }

  do(action: Exclude<Action, { kind: 'stroke' }>): void {
    switch (action.kind) {
      case 'review': {
        const edit = planDecision(this.document, action.ask(this.document), WHEN);
        if (edit) this.#make(edit);
        return;
      }
      case 'label':
        this.#make(planNewLabel(this.document, `new ${this.document.table.length}`).edit);
        return;
      case 'propose': {
        const proposal = action.labels && proposalOf(`${++this.#proposals}`, action.labels, this.document.sliceCount);
        this.document.setProposal(proposal);
        for (const editor of this.editors) editor.fromHost.push((replica) => replica.setProposal(proposal));
        return;
      }
      case 'undo': {
        const edit = this.#done.pop();
        if (!edit) return;
        this.#undone.push(edit);
        this.#tell(documentChangeOf(this.document.undo(edit)));
        return;
      }
      case 'redo': {
        const edit = this.#undone.pop();
        if (!edit) return;
        this.#done.push(edit);
        this.#tell(documentChangeOf(this.document.apply(edit)));
      }
    }
  }

  #make(edit: DocumentEdit, by?: Editor, strokeId?: number): void {
    const step = this.document.apply(edit);
    this.#done.push(edit);
    this.#undone.length = 0;
    this.#tell(documentChangeOf(step), by, strokeId);
  }

  #tell(change: ReturnType<typeof documentChangeOf>, by?: Editor, strokeId?: number): void {
    for (const editor of this.editors) {
      const own = editor === by && strokeId !== undefined;
      editor.fromHost.push((replica) => {
        if (!own && replica.pendingCount > 0) editor.rebased++;
        if (own) editor.open.delete(strokeId);
        replica.receive(own ? { ...change, strokeId } : change);
      });
    }
  }
}

type Event =
  | { readonly at: 'host'; readonly action: Action; readonly editor: number; readonly refused: boolean }
  | {
      readonly at: 'editor';
      readonly editor: number;
      readonly stroke: Gesture;
      /** Where the pointer goes on to, event by event. */
      readonly goesOn: readonly GridPoint[][];
    }
  | { readonly at: 'wire'; readonly editor: number; readonly toHost: boolean; readonly refused: boolean };

function eventIn(planes: World['planes'], editors: number): fc.Arbitrary<Event> {
  const editor = fc.nat(editors - 1);
  const refused = fc.nat(9).map((n) => n === 0);
  const actions = actionIn(planes);
  const stroke = actions.filter((action) => action.kind === 'stroke').map((action) => action.stroke);
  const coordinate = fc.integer({ min: -300, max: 1300 }).map((n): number => n / 100);
  const point = fc.tuple(coordinate, coordinate);
  return fc.oneof(
    { weight: 2, arbitrary: fc.record({ at: fc.constant('host' as const), action: actions, editor, refused }) },
    {
      weight: 3,
      arbitrary: fc.record({
        at: fc.constant('editor' as const),
        editor,
        stroke,
        goesOn: fc.array(fc.array(point, { minLength: 1, maxLength: 6 }), { maxLength: 3 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ at: fc.constant('wire' as const), editor, toHost: fc.boolean(), refused }),
    },
  );
}

const scenes = fc.tuple(world, fc.integer({ min: 1, max: 3 })).chain(([start, editors]) =>
  fc.record({
    start: fc.constant(start),
    editors: fc.constant(editors),
    events: fc.array(eventIn(start.planes, editors), { minLength: 5, maxLength: 60, size: 'max' }),
  }),
);

describe('CaseReplica', () => {
  it('ends where the host is, however strokes, changes, undo and proposals interleave', () => {
    const seen = { strokes: 0, inPieces: 0, rebased: 0, shownAtOnce: 0, changedScenes: 0, tools: new Set() };
    fc.assert(
      fc.property(scenes, ({ start, editors: count, events }) => {
        const editors = Array.from({ length: count }, () => new Editor(start));
        const host = new Host(documentOf(start), editors);
        for (const event of events) {
          const editor = editors['editor' in event ? event.editor : 0];
          if (event.at === 'host') {
            if (event.action.kind !== 'stroke') host.do(event.action);
            else host.answer(editor, event.refused);
          } else if (event.at === 'editor') {
            const strokeId = editor.replica.draw(event.stroke);
            for (const points of event.goesOn) editor.replica.extend(strokeId, points);
            const { stroke: begun } = event;
            const stroke = isDragged(begun) ? { ...begun, path: [...begun.path, ...event.goesOn.flat()] } : begun;
            if (stroke !== begun && event.goesOn.length > 0) seen.inPieces++;
            seen.tools.add(stroke.tool);
            editor.toHost.push({ strokeId, stroke });
            editor.open.add(strokeId);
            seen.strokes++;
            // What was drawn piece by piece shows at once, and is what all of it at once would be.
            const shown = visible(editor.replica);
            editor.replica.withoutPending(() => undefined);
            expect(visible(editor.replica)).toEqual(shown);
            if (editor.replica.pendingCount > 0) seen.shownAtOnce++;
          } else if (event.toHost) {
            host.answer(editor, event.refused);
          } else {
            editor.hear();
          }
          for (const { replica, fromHost, toHost, open } of editors) {
            expect(replica.pendingCount).toBe(open.size);
            if (fromHost.length + toHost.length > 0 || replica.pendingCount > 0) continue;
            expect(visible(replica)).toEqual(visible(host.document));
          }
        }
        for (const editor of editors) while (editor.toHost.length > 0) host.answer(editor, false);
        for (const editor of editors) {
          host.sendAnswers(editor);
          while (editor.fromHost.length > 0) editor.hear();
          expect(editor.replica.pendingCount).toBe(0);
          expect(editor.replica.revision).toBe(host.document.revision);
          expect(visible(editor.replica)).toEqual(visible(host.document));
          seen.rebased += editor.rebased;
        }
        if (visible(host.document).labels.some((label, at) => label !== start.labels[at])) seen.changedScenes++;
      }),
      { numRuns: 250 },
    );
    expect(seen.tools.size).toBe(TOOLS.length);
    expect(seen.strokes).toBeGreaterThan(500);
    expect(seen.inPieces).toBeGreaterThan(300);
    expect(seen.rebased).toBeGreaterThan(100);
    expect(seen.shownAtOnce).toBe(seen.strokes);
    expect(seen.changedScenes).toBeGreaterThan(100);
  });

  const [start] = fc.sample(world, { seed: 3, numRuns: 1 });

  it('says so when it missed a change', () => {
    const host = documentOf(start);
    const replica = new CaseReplica(documentOf(start));
    host.apply(planNewLabel(host, 'a').edit);
    const late = documentChangeOf(host.apply(planNewLabel(host, 'b').edit));
    expect(() => replica.receive(late)).toThrow(ReplicaOutOfStepError);
  });

  it('a pending stroke whose label is undone shows nothing until the host has refused it', () => {
    const host = documentOf(start);
    const replica = new CaseReplica(documentOf(start));
    const { edit, label } = planNewLabel(host, 'a');
    replica.receive(documentChangeOf(host.apply(edit)));
    const stroke: BrushStroke = { tool: 'brush', plane: 'axial', slice: 1, path: [[1, 1]], radiusMm: 9, label };
    const strokeId = replica.draw(stroke);
    expect(replica.labels.count(label)).toBeGreaterThan(0);
    replica.receive(documentChangeOf(host.undo(edit)));
    expect(visible(replica)).toEqual(visible(host));
    expect(replica.pendingCount).toBe(1);
    expect(() => replica.draw(stroke)).toThrow(InvalidIntentError);
    replica.settle(strokeId);
    expect(replica.pendingCount).toBe(0);
  });

  it('believes changes that it saw more than the states that were announced with a proposal', () => {
    const host = documentOf(start);
    const replica = new CaseReplica(documentOf(start));
    const proposal = proposalOf('1', new Uint8Array(start.labels.length).fill(1), host.sliceCount);
    host.setProposal(proposal, new Map([[0, 'rejected']]));
    replica.receive(
      documentChangeOf(host.apply(planDecision(host, { action: 'reject-slices', from: 2, to: 2 }, WHEN)!)),
    );
    // The voxels arrive only now.
    replica.setProposal(proposal, new Map([[0, 'rejected']]));
    expect(visible(replica)).toEqual(visible(host));
    expect(replica.isProposed(0)).toBe(false);
    expect(replica.isProposed(1)).toBe(true);
    expect(replica.isProposed(2)).toBe(false);
  });
});

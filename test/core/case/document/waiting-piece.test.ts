import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isWaitingPiece } from '../../../../src/core/case/document/waiting-piece.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { denseLabels } from '../../../support/case-arbitraries.ts';
import { actionIn, documentOf, proposalOf, SHAPE, visible, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const box = fc
  .tuple(...SHAPE.map((extent) => fc.tuple(fc.nat(extent - 1), fc.nat(extent - 1))))
  .map((ranges) => ranges.map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const));
const scene = world.chain((given) =>
  fc.record({
    given: fc.constant(given),
    proposed: denseLabels(SHAPE, 2).map((labels) => Uint8Array.from(labels)),
    decisions: fc.array(actionIn(given.planes), { maxLength: 8 }),
    label: fc.integer({ min: 1, max: 2 }),
    box,
  }),
);

it('a piece waits while a voxel of its label in its box does', () => {
  const found = { waiting: 0, decided: 0 };
  fc.assert(
    fc.property(scene, ({ given, proposed, decisions, label, box: [i, j, k] }) => {
      const document = documentOf(given);
      document.setProposal(proposalOf('1', proposed, document.sliceCount));
      for (const decision of decisions) {
        const intent = decision.kind === 'review' && decision.ask(document);
        const edit = intent && planDecision(document, intent, { when: '2026-01-02T03:04:05Z' });
        if (edit) document.apply(edit);
      }
      const { labels, proposal } = visible(document);
      let naive = false;
      for (let z = k[0]; z < k[1]; z++) {
        for (let y = j[0]; y < j[1]; y++) {
          for (let x = i[0]; x < i[1]; x++) {
            const at = x + SHAPE[0] * (y + SHAPE[1] * z);
            const voxel: Vec3 = [x, y, z];
            naive ||= proposal?.[at] === label && labels[at] === 0 && document.isProposed(voxel[document.reviewAxis]);
          }
        }
      }
      found[naive ? 'waiting' : 'decided']++;
      expect(isWaitingPiece(document, label, [i[0], j[0], k[0]], [i[1], j[1], k[1]])).toBe(naive);
    }),
  );
  expect(Math.min(found.waiting, found.decided)).toBeGreaterThan(5);
});

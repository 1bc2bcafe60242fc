import { describe, expect, it } from 'vitest';
import { type PlaceAnswer, PlaceQuestion } from '../../../../src/node/case/questions/place-question.ts';

/** A case whose labels are turned, and a person who answers what is listed, one answer for each question. */
function asked(answers: (PlaceAnswer | undefined)[], world: { isInFront?: boolean; readOnly?: string } = {}) {
  const did: string[] = [];
  const session = {
    placeQuestion: 'They are turned.' as string | null,
    async matchByNumber() {
      did.push('matched');
    },
  };
  let isInFront = world.isInFront ?? true;
  const question: PlaceQuestion = new PlaceQuestion(session, {
    ask: async () => {
      did.push('asked');
      return answers.shift();
    },
    readOnlyReason: () => world.readOnly ?? null,
    isInFront: () => isInFront,
    bringToFront: async () => {
      did.push('brought to front');
      isInFront = true;
    },
    closedMeanwhile: () => did.push('closed meanwhile'),
    refused: (reason) => did.push(`refused: ${reason}`),
  });
  return { question, session, did };
}

describe('the question whether labels lie as their header says', () => {
  it('matches them by voxel number where the user says so', async () => {
    const { question, did } = asked(['by-number']);
    await question.ask();
    expect(did).toEqual(['asked', 'matched']);
  });

  it('does not come again once they are kept as shown, and does without an answer', async () => {
    const { question, did } = asked([undefined, 'as-shown', 'by-number']);
    for (let read = 0; read < 3; read++) await question.ask();
    expect(did).toEqual(['asked', 'asked']);
  });

  it('is not asked where there is none', async () => {
    const { question, session, did } = asked(['by-number']);
    session.placeQuestion = null;
    await question.ask();
    expect(did).toEqual([]);
  });

  it('shows the case and asks again before an answer changes what the user does not see', async () => {
    const { question, did } = asked(['by-number', 'by-number'], { isInFront: false });
    await question.ask();
    expect(did).toEqual(['asked', 'brought to front', 'asked', 'matched']);
  });

  it('changes nothing when the case is closed by the time of the answer', async () => {
    const { question, did } = asked(['by-number']);
    const answered = question.ask();
    question.close();
    await answered;
    expect(did).toEqual(['asked', 'closed meanwhile']);
  });

  it('changes nothing that could not be saved', async () => {
    const { question, did } = asked(['by-number'], { readOnly: 'It is read-only.' });
    await question.ask();
    expect(did).toEqual(['asked', 'refused: It is read-only.']);
  });
});

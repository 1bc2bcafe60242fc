import { describe, expect, it } from 'vitest';
import { RepeatedNotes } from '../../src/cli/repeated-notes.ts';

describe('what is odd about very many images', () => {
  it('is said of the first ones by name, and of the others with their number', () => {
    const said: string[] = [];
    const notes = new RepeatedNotes((text) => said.push(text));
    for (let n = 0; n < 300; n++) notes.say(`${n}.nii.gz: It is odd.`);
    notes.say('other.nii: It holds 2: of them.');
    notes.say('The engine went on with the CPU.');
    notes.say('The engine went on with the CPU.');
    notes.end();
    expect(said).toEqual([
      ...[0, 1, 2, 3, 4].map((n) => `${n}.nii.gz: It is odd.`),
      'other.nii: It holds 2: of them.',
      'The engine went on with the CPU.',
      '295 more images: It is odd.',
    ]);
  });
});

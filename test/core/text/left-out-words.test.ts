import { expect, it } from 'vitest';
import { leftOutWords } from '../../../src/core/text/left-out-words.ts';

it('says which cases were left out, one, two or many, and why the first', () => {
  const failed = ['a', 'b', 'c'].map((id) => ({ id, reason: `${id} is on another image.` }));
  expect(leftOutWords([])).toBe('');
  expect(leftOutWords(failed.slice(0, 1))).toBe(' Left out: a. a is on another image.');
  expect(leftOutWords(failed.slice(0, 2))).toBe(' Left out: a and one other. a is on another image.');
  expect(leftOutWords(failed)).toBe(' Left out: a and 2 others. a is on another image.');
});

import { describe, expect, it } from 'vitest';
import {
  longerSentence,
  longerTraining,
  wasStillLearning,
} from '../../../../src/core/learn/training/still-learning.ts';

const curve = (...losses: number[]) =>
  losses.map((loss, index) => ({ step: 100 * (index + 1), loss, tuneDice: 0.8, learningRate: 0.01 }));
const falling = curve(1.2, 1.0, 0.8, 0.65, 0.5, 0.4);
const done = curve(1.2, 0.5, 0.3, 0.26, 0.25, 0.24);

describe('a training that ended too early', () => {
  it('is one whose loss was still falling clearly when its time was up', () => {
    expect(wasStillLearning(falling, 'time')).toBe(true);
    expect(wasStillLearning(falling, 'epochs')).toBe(true);
    expect(wasStillLearning(done, 'time')).toBe(false);
  });

  it('is none that a person stopped, that ran out of patience, or of which too little is known', () => {
    for (const ended of ['stopped', 'patience', 'diverged'] as const)
      expect(wasStillLearning(falling, ended)).toBe(false);
    expect(wasStillLearning(falling.slice(0, 3), 'time')).toBe(false);
    expect(wasStillLearning([], 'time')).toBe(false);
  });

  it('is offered twice its time, and at least ten minutes; one that learned nothing is, whatever its loss did', () => {
    expect(longerTraining({ curve: falling, ended: 'time' }, 0.8, 30)).toEqual({ why: 'still-learning', minutes: 10 });
    expect(longerTraining({ curve: falling, ended: 'time' }, 0.8, 1200)).toEqual({
      why: 'still-learning',
      minutes: 40,
    });
    expect(longerTraining({ curve: done, ended: 'time' }, 0.001, 1200)).toEqual({ why: 'learnt-nothing', minutes: 40 });
    expect(longerTraining({ curve: done, ended: 'time' }, 0.8, 1200)).toBeNull();
    expect(longerTraining({ curve: done, ended: 'time' }, null, 1200)).toBeNull();
    expect(longerSentence({ why: 'still-learning', minutes: 10 })).toBe(' The loss was still falling: train longer.');
    expect(longerSentence({ why: 'learnt-nothing', minutes: 10 })).toBe(' Train longer for a better one.');
    expect(longerSentence(null)).toBe('');
  });
});

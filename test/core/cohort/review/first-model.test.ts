import { describe, expect, it } from 'vitest';
import { noModelSentence, shortNoModelSentence } from '../../../../src/core/cohort/review/first-model.ts';

describe('what to do before there is a model', () => {
  it.each([
    [null, /Label three cases \(draw, .*\) and run Retrain Model\.$/],
    [0, /Label three cases/],
    [1, /1 case is labelled: label 2 more so that one can judge, then run Retrain Model\.$/],
    [2, /2 cases are labelled: label 1 more/],
    [3, /3 cases are labelled, which is enough: run Retrain Model\.$/],
    [8, /8 cases are labelled, which is enough: run Retrain Model\.$/],
  ])('with %s complete cases', (complete, sentence) => {
    expect(noModelSentence({ complete, versions: 0 })).toMatch(sentence);
    expect(shortNoModelSentence({ complete, versions: 0 })).toMatch(/^No model yet\. /);
  });

  it('"Label three cases" is not said when eight are labelled', () => {
    for (const sentence of [noModelSentence, shortNoModelSentence]) {
      expect(sentence({ complete: 8, versions: 0 })).not.toMatch(/[Ll]abel three/);
    }
  });

  it('where a version is there that was not made active, says so', () => {
    expect(noModelSentence({ complete: 8, versions: 1 })).toMatch(
      /^No model of this cohort is active\. Train longer .* activate the one that is there in the Models view\.$/,
    );
    expect(shortNoModelSentence({ complete: 0, versions: 2 })).toMatch(/^No model is active/);
  });
});

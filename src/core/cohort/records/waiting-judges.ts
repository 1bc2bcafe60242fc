/**
 * Says in a sentence what to do so that versions can be judged. It is null where nothing waits.
 *
 * @param ids the cases that are reserved to judge and not complete yet
 */
export function waitingJudgesSentence(ids: readonly string[]): string | null {
  if (ids.length === 0) return null;
  if (ids.length === 1) {
    return `Case ${ids[0]} is held out to judge models and not complete yet: label it from scratch, without proposals, so that it can.`;
  }
  const named = ids.length > 4 ? `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more` : ids.join(', ');
  return `${ids.length} cases are held out to judge models and not complete yet (${named}): label them from scratch, without proposals, so that they can.`;
}

/** Says, after a sentence, which cases could not be compared; it is empty where all could. */
export function leftOutWords(failed: readonly { readonly id: string; readonly reason: string }[]): string {
  if (failed.length === 0) return '';
  const [{ id, reason }] = failed;
  const others = failed.length === 1 ? '' : failed.length === 2 ? ' and one other' : ` and ${failed.length - 1} others`;
  return ` Left out: ${id}${others}. ${reason}`;
}

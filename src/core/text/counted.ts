/**
 * Writes a number with what it counts: "1 case", "2 cases".
 * @param many the plural where it is not `one` with an s
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

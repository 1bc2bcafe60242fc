/** Makes a ruler of a round length that is about `targetPx` long. */
export function scaleBar(pxPerMm: number, targetPx: number): { readonly lengthPx: number; readonly text: string } {
  const ideal = targetPx / pxPerMm;
  const decade = 10 ** Math.floor(Math.log10(ideal));
  const lengthMm = ([5, 2, 1].find((step) => step * decade <= ideal) ?? 1) * decade;
  const text = lengthMm >= 10 ? `${lengthMm / 10} cm` : `${Number(lengthMm.toPrecision(1))} mm`;
  return { lengthPx: lengthMm * pxPerMm, text };
}

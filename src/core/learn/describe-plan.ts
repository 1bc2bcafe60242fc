import type { Plan } from './plan.ts';

/** What training will do, in sentences for the log. */
export function describePlan(plan: Plan): string[] {
  const { plane, network, batch, augmentation } = plan;
  const mm = (value: number) => `${Number(value.toPrecision(3))} mm`;
  const seen =
    plane.kind === 'stretch'
      ? `Slices are stretched to ${plane.rows} x ${plane.columns} pixels`
      : `Slices are seen at ${mm(plane.rowSpacingMm)} x ${mm(plane.columnSpacingMm)} per pixel, ${plane.rows} x ${plane.columns} pixels`;
  const beside =
    plan.neighbours === 0
      ? 'each by itself'
      : `each with ${plan.neighbours} neighbour${plan.neighbours === 1 ? '' : 's'} on either side`;
  const channels = plan.channels.map(({ name, normalization }) =>
    normalization.kind === 'window'
      ? `${name} within ${Math.round(normalization.low)} to ${Math.round(normalization.high)}`
      : `${name} by each volume's own brightness`,
  );
  return [
    `${seen}, ${beside}; ${channels.join(', ')}.`,
    `U-Net with ${network.baseFilters} filters, halved ${network.levels} times, ${network.normalisation === 'none' ? 'no normalisation' : 'instance normalisation'}; labels: ${plan.labels
      .slice(1)
      .map(({ name }) => name)
      .join(', ')}.`,
    `Loss ${plan.loss}, Adam at ${plan.optimizer.learningRate} (${plan.schedule.kind}), ${batch.size} slices a step, ${Math.round(100 * batch.foregroundShare)} % of them chosen to show a label; ${Math.round(100 * augmentation.affine.probability)} % changed at random.`,
  ];
}

export const TOY = 'toy';

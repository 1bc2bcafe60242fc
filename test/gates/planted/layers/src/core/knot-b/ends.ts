export const ends = 2;

/**
 * Colours of outlines on pictures. They can be told apart with every common kind of colour blindness and on any grey
 * (Okabe and Ito, 2008); the prediction's outline is dashed as well.
 */
export const TRUTH_RGB = [0x56, 0xb4, 0xe9] as const;
export const PREDICTION_RGB = [0xf0, 0xe4, 0x42] as const;

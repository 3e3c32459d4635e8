/** A label and how likely it is, 0 to 1. */
export interface Prediction { label: string; probability: number; }

/** What a picture is taken for. */
export interface Answer {
  /** The likeliest classes, likeliest first. */
  predictions: Prediction[];
  /** Whether it is none of the classes: the predictions then only say which one is nearest. */
  rejected: boolean;
}

/** Thrown by everything here. */
export interface MobilenetError extends Error { name: "MobilenetError"; code: string; }

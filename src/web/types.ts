/** A label and how likely it is, 0 to 1. */
export interface Prediction { label: string; probability: number; }

/** What a picture is taken for. */
export interface Answer {
  /** The likeliest classes, likeliest first. */
  predictions: Prediction[];
  /** Whether it is none of the classes: the predictions then only say which one is nearest. */
  rejected: boolean;
}

/** What a classifier is. */
export interface Info {
  classes: number;
  features: number;
  /** Digest of the backbone, 64 hexadecimal digits. */
  backbone: string;
  /** The input: side in pixels, how a picture is made square, mean and deviation of each channel in levels. */
  input: { side: number; fit: "squash" | "crop"; mean: [number, number, number]; std: [number, number, number] };
  /** How the head was fitted, where the model says so. */
  training?: {
    seed: number; epochs: number; best_epoch: number; train_samples: number; augment?: number; validation_samples: number;
    validation_loss: number; validation_accuracy: number;
  };
}

/** One epoch of a fit: mean cross-entropy and share named right. */
export interface Epoch { epoch: number; loss: number; accuracy: number; validation_loss: number; validation_accuracy: number; }

/** How a head is taught; what is left out is as `mobilenet train` has it. */
export interface Settings {
  recipe?: {
    seed?: number; dropout?: number; learning_rate?: number; schedule?: "constant" | "cosine" | "plateau"; weight_decay?: number;
    label_smoothing?: number; class_weights?: "none" | "balanced"; batch?: number; epochs?: number; patience?: number;
  };
  /** Share of each class to validate on, above 0 and below 1. */
  validation_share?: number;
  /** Share of the validation samples that may be rejected as none of the classes, 0 to below 1. */
  false_rejections?: number;
}

/** What teaching gives. */
export interface Taught {
  /** The model file: the head alone, as `mobilenet train` writes it. */
  model: Uint8Array;
  history: Epoch[];
  /** The epoch that was kept, from 1. */
  best_epoch: number;
  /** Positions of the samples that were set aside; all of them where no class has a second sample. */
  validation: number[];
  /** What each of these is taken for, over all classes. */
  answers: Answer[];
  /** `confusion[truth][answer]`: samples of `validation`. */
  confusion: number[][];
}

/** Where the time of a frame goes. */
export interface Profile {
  /** The layers in order; a multiplication and its addition are two operations. */
  layers: { name: string; kind: "stem" | "expand" | "depthwise" | "project" | "last"; millis: number; operations: number }[];
  /** Operations a second that no layer can exceed: those of the integer product with everything in registers. */
  peak: number;
}

/** Thrown by everything here. */
export interface MobilenetError extends Error { name: "MobilenetError"; code: string; }

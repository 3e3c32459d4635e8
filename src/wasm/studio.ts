/** One epoch of a fit: mean cross-entropy and share named right. */
export interface Epoch { epoch: number; loss: number; accuracy: number; validation_loss: number; validation_accuracy: number; }

/** How a head is taught; what is left out is as `mobilenet train` has it. */
export interface Settings {
  recipe?: {
    features?: "auto" | "last" | "tail"; seed?: number; dropout?: number; learning_rate?: number; schedule?: "constant" | "cosine" | "plateau"; weight_decay?: number;
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

/** A model for another runtime. */
export interface Exported {
  /** One file, or those that belong into a folder of the name. */
  name: string;
  files: { name: string; bytes: Uint8Array }[];
  /** What a person who uses it has to know. */
  about: string;
}

/** Another runtime. */
export type Format = "onnx" | "tflite" | "tfjs" | "safetensors";
/** In which numbers it computes. */
export type Precision = "int8" | "float";

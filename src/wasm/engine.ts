/** What a classifier is. */
export interface Info {
  classes: number;
  /** Numbers in an embedding. */
  features: number;
  /** How many of them each layer gives, one after the other: the last one, then the filters of the last four blocks. */
  layers: number[];
  /** Digest of the backbone, 64 hexadecimal digits. */
  backbone: string;
  /** The instructions that the network runs on; the bits are the same. */
  lanes: "relaxed-simd" | "simd128";
  /** The input: side in pixels, how a picture is made square, mean and deviation of each channel in levels. */
  input: { side: number; fit: "squash" | "crop"; mean: [number, number, number]; std: [number, number, number] };
  /** How the head was fitted, where the model says so. */
  training?: {
    seed: number; epochs: number; best_epoch: number; train_samples: number; augment?: number; validation_samples: number;
    validation_loss: number; validation_accuracy: number;
  };
}

/** Where the time of a frame goes. */
export interface Profile {
  /** The instructions that it ran on. */
  lanes: "relaxed-simd" | "simd128";
  /** The layers in order; a multiplication and its addition are two operations. */
  layers: { name: string; kind: "stem" | "expand" | "depthwise" | "project" | "last"; millis: number; operations: number }[];
  /** Operations a second that no layer can exceed: those of the integer product with everything in registers. */
  peak: number;
}

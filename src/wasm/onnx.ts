/** What an ONNX file expects of a picture's bytes: -1 to 1, ImageNet's mean and deviation taken out, 0 to 1, or 0 to 255. */
export type Levels = "keras" | "torch" | "unit" | "bytes";

/** What an ONNX file does not say by itself. */
export interface OnnxSettings {
  /** The file's name, for who looks into the model that is made of it. */
  name: string;
  /** Text with one label a line. Without it those in the file, or numbers. */
  labels?: string;
  /** Without them they are guessed. */
  levels?: Levels;
  /** How a picture is made square; "squash" without it. */
  fit?: "squash" | "crop";
}

/** A model file that was made of an ONNX file, and how close it is to it on views that it was not fitted to. */
export interface LoweredOnnx { model: Uint8Array; levels: Levels; views: number; same: number; median: number; }

/** What a classifier in an ONNX file is. */
export interface OnnxInfo {
  classes: number;
  input: { side: number; fit: "squash" | "crop"; mean: [number, number, number]; std: [number, number, number] };
  levels: Levels;
}

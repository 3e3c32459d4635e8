/** Importing this has mobilenet-web open ONNX files. There is nothing to call. */
export {};

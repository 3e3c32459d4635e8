// Types of `mobilenet-web/element`: the class, its events, and the tag, so that `querySelector('mobilenet-classifier')` gives it.

import type { Answer, Code } from '../engine/page/load.js';
import type { Step } from '../engine/worker/onnx.js';
import type { MobilenetClassifier } from '../element/element.js';
import type { Origin } from '../element/live.js';
import type { OpenModel } from '../element/model-slot.js';
import type { Source } from '../element/pictures.js';

export { MobilenetClassifier } from '../element/define.js';

/** `name` is that of the file, empty where there is none. */
export type ClassifiedEvent = CustomEvent<Pick<Answer, 'predictions' | 'rejected' | 'millis'> & { source: Source | Origin; name: string }>;
export type ClassifierErrorEvent = CustomEvent<{ code: Code; message: string; source: Source | Origin | 'model'; name: string }>;

export interface ClassifierEventMap {
  classified: ClassifiedEvent;
  'classifier-error': ClassifierErrorEvent;
  'model-opened': CustomEvent<OpenModel>;
  'model-progress': CustomEvent<Step>;
  'camera-changed': CustomEvent<null>;
}

/** The attributes of the tag, for whoever types templates. */
export interface ClassifierTagAttributes {
  /** Address of a model file to open instead of the built-in model. */
  head?: string | null | undefined;
  /** How many predictions to give and to show. */
  'top-k'?: number | string | null | undefined;
  /** What the likeliest label must reach, 0 to 1. */
  threshold?: number | string | null | undefined;
  /** `environment`, `user`, or a device's id. */
  camera?: string | null | undefined;
  /** Shows pictures mirrored; the answer is the same. */
  mirror?: boolean | undefined;
  /** Shows where the evidence is. */
  heatmap?: boolean | undefined;
  /** Says what the built-in model sees as well. */
  compare?: boolean | undefined;
}

type Listener<Element, Event> = (this: Element, event: Event) => unknown;

declare module '../element/element.js' {
  interface MobilenetClassifier {
    addEventListener<Type extends keyof ClassifierEventMap>(type: Type, listener: Listener<MobilenetClassifier, ClassifierEventMap[Type]>, options?: boolean | AddEventListenerOptions): void;
    addEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: Listener<MobilenetClassifier, HTMLElementEventMap[Type]>, options?: boolean | AddEventListenerOptions): void;
    addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
    removeEventListener<Type extends keyof ClassifierEventMap>(type: Type, listener: Listener<MobilenetClassifier, ClassifierEventMap[Type]>, options?: boolean | EventListenerOptions): void;
    removeEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: Listener<MobilenetClassifier, HTMLElementEventMap[Type]>, options?: boolean | EventListenerOptions): void;
    removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'mobilenet-classifier': MobilenetClassifier;
  }
}

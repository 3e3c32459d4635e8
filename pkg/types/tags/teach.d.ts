// Types of `mobilenet-web/teach`: the class, its event and the tag.

import type { Epoch } from '../engine/page/load.js';
import type { MobilenetTeacher } from '../teach/teacher.js';

export { MobilenetTeacher } from '../teach/define.js';

/** `model` is null when fewer than two classes have samples. */
export type TaughtEvent = CustomEvent<{ model: Blob | null; labels: string[]; history: Epoch[]; confusion: number[][]; accuracy: number | null; samples: number }>;

export interface TeacherEventMap {
  taught: TaughtEvent;
}

/** The attributes of the tag, for whoever types templates. */
export interface TeacherTagAttributes {
  /** Shows the classes. */
  open?: boolean | undefined;
  /** Takes up what was taught in this browser before. */
  restore?: boolean | undefined;
  /** The name under which it is kept in this browser. */
  project?: string | null | undefined;
}

type Listener<Element, Event> = (this: Element, event: Event) => unknown;

declare module '../teach/teacher.js' {
  interface MobilenetTeacher {
    addEventListener<Type extends keyof TeacherEventMap>(type: Type, listener: Listener<MobilenetTeacher, TeacherEventMap[Type]>, options?: boolean | AddEventListenerOptions): void;
    addEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: Listener<MobilenetTeacher, HTMLElementEventMap[Type]>, options?: boolean | AddEventListenerOptions): void;
    addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
    removeEventListener<Type extends keyof TeacherEventMap>(type: Type, listener: Listener<MobilenetTeacher, TeacherEventMap[Type]>, options?: boolean | EventListenerOptions): void;
    removeEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: Listener<MobilenetTeacher, HTMLElementEventMap[Type]>, options?: boolean | EventListenerOptions): void;
    removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'mobilenet-teacher': MobilenetTeacher;
  }
}

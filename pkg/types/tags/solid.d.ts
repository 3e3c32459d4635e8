// Types of `mobilenet-web/solid`, which is the element with its tags known to JSX. Solid listens by `on:` and an event's name.

import type { JSX } from 'solid-js';
import type { MobilenetTeacher, TeacherEventMap, TeacherTagAttributes } from './teach.js';
import type { ClassifierEventMap, ClassifierTagAttributes, MobilenetClassifier } from './element.js';

export * from './element.js';

type Handlers<Events> = { [Type in keyof Events & string as `on:${Type}`]?: ((event: Events[Type]) => void) | undefined };

declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements {
      'mobilenet-classifier': JSX.HTMLAttributes<MobilenetClassifier> & ClassifierTagAttributes & Handlers<ClassifierEventMap>;
      'mobilenet-teacher': JSX.HTMLAttributes<MobilenetTeacher> & TeacherTagAttributes & Handlers<TeacherEventMap>;
    }
  }
}

// Types of `mobilenet-web/preact`, which is the element with its tags known to JSX. Preact listens by `on` and an event's name.

import type { ClassAttributes, HTMLAttributes } from 'preact';
import type { MobilenetTeacher, TeacherEventMap, TeacherTagAttributes } from './teach.js';
import type { ClassifierEventMap, ClassifierTagAttributes, MobilenetClassifier } from './element.js';

export * from './element.js';

type Handlers<Events> = { [Type in keyof Events & string as `on${Type}`]?: ((event: Events[Type]) => void) | undefined };
type Html<Element extends EventTarget> = HTMLAttributes<Element> & ClassAttributes<Element>;

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'mobilenet-classifier': Html<MobilenetClassifier> & ClassifierTagAttributes & Handlers<ClassifierEventMap>;
      'mobilenet-teacher': Html<MobilenetTeacher> & TeacherTagAttributes & Handlers<TeacherEventMap>;
    }
  }
}

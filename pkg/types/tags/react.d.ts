// Types of `mobilenet-web/react`, which is the element with its tags known to JSX. React 19 listens by `on` and an event's name, but
// on a tag that a server has rendered only from its next render on (react/react#35446). There use `addEventListener`, as in the README.

import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { MobilenetTeacher, TeacherEventMap, TeacherTagAttributes } from './teach.js';
import type { ClassifierEventMap, ClassifierTagAttributes, MobilenetClassifier } from './element.js';

export * from './element.js';

type Handlers<Events> = { [Type in keyof Events & string as `on${Type}`]?: ((event: Events[Type]) => void) | undefined };
type Html<Element> = DetailedHTMLProps<HTMLAttributes<Element>, Element>;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'mobilenet-classifier': Html<MobilenetClassifier> & ClassifierTagAttributes & Handlers<ClassifierEventMap>;
      'mobilenet-teacher': Html<MobilenetTeacher> & TeacherTagAttributes & Handlers<TeacherEventMap>;
    }
  }
}

// Types of `mobilenet-web/vue`, which is the element with its tags known to templates.

import type { HTMLAttributes, PublicProps } from 'vue';
import type { TeacherEventMap, TeacherTagAttributes } from './teach.js';
import type { ClassifierEventMap, ClassifierTagAttributes } from './element.js';

export * from './element.js';

/** What a template takes for a component, of an element. */
type Tag<Attributes, Events> = new () => {
  $props: Attributes & HTMLAttributes & PublicProps & Handlers<Events>;
  $emit: Emit<Events>;
};
type Handlers<Events> = { [Type in keyof Events & string as `on${Capitalize<Type>}`]?: ((event: Events[Type]) => void) | undefined };
type Emit<Events> = { [Type in keyof Events & string]: (type: Type, event: Events[Type]) => void }[keyof Events & string];

declare module 'vue' {
  interface GlobalComponents {
    'mobilenet-classifier': Tag<ClassifierTagAttributes, ClassifierEventMap>;
    'mobilenet-teacher': Tag<TeacherTagAttributes, TeacherEventMap>;
  }
}

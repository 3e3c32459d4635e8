// Registers <mobilenet-teacher>.

import { MobilenetTeacher } from './teacher.js';

export { MobilenetTeacher };

// A server and a worker have nothing to register it in.
if (globalThis.customElements && !customElements.get('mobilenet-teacher')) customElements.define('mobilenet-teacher', MobilenetTeacher);

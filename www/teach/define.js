// Registers <mobilenet-teacher>.

import { MobilenetTeacher } from './teacher.js';

export { MobilenetTeacher };

customElements.define('mobilenet-teacher', MobilenetTeacher);

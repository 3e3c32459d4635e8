// What nobody sees at once: it is fetched when the model is open, so that a first visit waits for nothing else.

export { MobilenetTeacher } from '../pkg/teach/define.js';
export { ProfilePanel } from './profile.js';
export { SharePanel } from './share/panel.js';

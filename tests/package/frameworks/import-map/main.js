import { ask } from './ask.js';

ask();

import { CUSTOM_ELEMENTS_SCHEMA, Component, afterNextRender } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
// @ts-ignore it is JavaScript
import { ask } from './ask.js';

@Component({
  selector: 'app-root',
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: '<mobilenet-classifier><mobilenet-teacher></mobilenet-teacher></mobilenet-classifier>',
})
class App {
  constructor() {
    afterNextRender(() => ask());
  }
}

bootstrapApplication(App);

// Makes <mobilenet-classifier> known to the page: `<script type="module" src="element/define.js"></script>`.

import { MobilenetClassifier } from './element.js';

// A server and a worker have nothing to register it in.
if (globalThis.customElements && !customElements.get('mobilenet-classifier')) customElements.define('mobilenet-classifier', MobilenetClassifier);

export { MobilenetClassifier };

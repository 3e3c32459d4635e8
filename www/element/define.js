// Makes <mobilenet-classifier> known to the page: `<script type="module" src="element/define.js"></script>`.

import { MobilenetClassifier } from './element.js';

if (!customElements.get('mobilenet-classifier')) customElements.define('mobilenet-classifier', MobilenetClassifier);

export { MobilenetClassifier };

'use client';

import { useEffect } from 'react';
import { ask } from './ask.js';

export function Classifier() {
  useEffect(() => void ask(), []);
  return (
    <mobilenet-classifier>
      <mobilenet-teacher></mobilenet-teacher>
    </mobilenet-classifier>
  );
}

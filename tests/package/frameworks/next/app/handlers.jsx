'use client';

import 'mobilenet-web/react';
import { useEffect, useState } from 'react';

/** A tag that the server has rendered, and one that only the browser renders, each with its handler in JSX. */
export function Handlers() {
  return (
    <>
      <Handler />
      <InBrowser />
    </>
  );
}

function InBrowser() {
  const [there, setThere] = useState(false);
  useEffect(() => setThere(true), []);
  return there && <Handler />;
}

function Handler() {
  const [label, setLabel] = useState('');
  return (
    <>
      <mobilenet-classifier onclassified={({ detail }) => setLabel(detail.predictions[0].label)} />
      <output>{label}</output>
    </>
  );
}

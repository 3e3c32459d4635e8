// What `blank` in api.test.mjs puts into a page.

declare const api: () => Promise<typeof import('../../pkg/engine/page/load.js')>;
declare const picture: (name: string) => Promise<Blob>;
declare const workers: { started: number; ended: number };
declare const ending: (call: Promise<unknown>) => Promise<{ name: string; code?: string; message?: string }>;

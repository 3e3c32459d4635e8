// The package that lies beside a page, for the type checker: the sources that it is made of.

declare module '*/mobilenet-web/engine/load.js' {
  export * from 'mobilenet-web';
}

declare module '*/mobilenet-web/element/define.js' {
  export * from 'mobilenet-web/element';
}

// The package that lies beside a page, for the type checker: the sources that it is made of.

declare module '*/mobilenet-web/engine/page/load.js' {
  export * from 'mobilenet-web';
}

declare module '*/mobilenet-web/element/define.js' {
  export * from 'mobilenet-web/element';
}

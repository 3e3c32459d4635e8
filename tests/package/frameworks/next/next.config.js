/** @type {import('next').NextConfig} */
export default {
  output: 'export',
  // What the server classifies itself reads the package's files from disk.
  serverExternalPackages: ['mobilenet-web'],
  turbopack: { root: import.meta.dirname },
  // Turbopack needs none of this. Next.js' rules for webpack would empty style sheets that are only addressed.
  webpack(config) {
    for (const { oneOf } of config.module.rules) oneOf?.unshift({ test: /\.css$/, dependency: 'url', type: 'asset/resource' });
    return config;
  },
};

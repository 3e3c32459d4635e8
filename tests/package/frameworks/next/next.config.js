/** @type {import('next').NextConfig} */
export default {
  output: 'export',
  turbopack: { root: import.meta.dirname },
  // Turbopack needs none of this. Next.js' rules for webpack would empty style sheets that are only addressed.
  webpack(config) {
    for (const { oneOf } of config.module.rules) oneOf?.unshift({ test: /\.css$/, dependency: 'url', type: 'asset/resource' });
    return config;
  },
};

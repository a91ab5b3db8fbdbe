/** @type {import('next').NextConfig} */
export default {
  // Loaded by Node itself, once for pages, routes and the proxy.
  serverExternalPackages: ['cloakroom'],
}

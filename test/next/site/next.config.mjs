/** @type {import('next').NextConfig} */
export default {
  // One copy for all that runs in the process: a store in memory lives there.
  serverExternalPackages: ['cloakroom', 'redis'],
}

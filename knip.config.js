import { existsSync, readdirSync } from 'node:fs'

/** While a package has no entry point, each of its files may be what is yet to be used. */
const settingsOf = folder => {
  const isFinished = existsSync(`packages/${folder}/src/index.ts`)
  return {
    entry: [isFinished ? 'src/**/*.test.ts' : 'src/**/*.ts'],
    project: ['src/**/*.{ts,tsx}'],
  }
}

/** Each is started by its `npm start`. */
const example = {
  entry: ['src/server.ts', 'src/**/route.ts', 'app/**/*.{ts,tsx}', 'public/*.js'],
  project: ['src/**/*.{ts,tsx}'],
}

const packages = readdirSync('packages').map(folder => [`packages/${folder}`, settingsOf(folder)])

// biome-ignore lint/style/noDefaultExport: knip asks for it.
export default {
  // A type that a signature names may be exported although no other file imports it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Clients and frameworks are optional peers, and named by types only.
  exclude: ['optionalPeerDependencies'],
  // What is installed ahead of its first use is named, and fails nothing.
  rules: { dependencies: 'warn', devDependencies: 'warn' },
  // Run by scripts and by the benchmark, and installed with the system.
  ignoreBinaries: ['go', 'redis-server', 'taskset'],
  ignoreDependencies: ['@arethetypeswrong/cli', 'publint'],
  workspaces: {
    '.': {
      entry: [
        'scripts/*.js',
        'test/**/*.test.ts',
        'test/next/**/*.{ts,tsx}',
        'test/chaos/faults/{build,site}.ts',
        'test/browser/build.ts',
        'test/streamlit/install.ts',
      ],
      project: ['scripts/**/*.js', 'test/**/*.ts'],
    },
    bench: {
      entry: ['*.js', 'servers/*.js', 'direct/*.js', 'gateway/*.js', 'harness/{load,probe}.js'],
      project: ['**/*.js'],
    },
    'examples/*': example,
    ...Object.fromEntries(packages),
  },
}

import { buildReactExample } from './react-example.ts'

/** Builds the React example before the first test: files that run at once share it. */
export const setup = buildReactExample

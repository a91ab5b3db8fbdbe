import { fileURLToPath } from 'node:url'
import { buildNext } from '../conformance/frameworks/next.ts'

const folders = ['./site/', '../../examples/next/']

/** Builds the applications before the first test. */
export async function setup(): Promise<void> {
  for (const folder of folders) await buildNext(fileURLToPath(new URL(folder, import.meta.url)))
}

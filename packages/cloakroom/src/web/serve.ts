import { runHandling } from './context.ts'
import type { Handling, OpenOptions } from './handle.ts'

/** Opens a request, runs its handler, and saves the session whatever came of it. */
export function serveHandling<Data extends object, Result>(
  handling: Handling<Data>,
  options: OpenOptions | undefined,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  return runHandling(handling, async () => {
    try {
      const opening = handling.open(options)
      if (opening !== null) await opening
      return await run()
    } finally {
      const saving = handling.save()
      if (saving !== null) await saving
    }
  })
}

/** Goes on by a callback, at once where there is nothing to wait for. */
export function callBack(waiting: Promise<unknown> | null, done: (error?: Error) => void): void {
  if (waiting === null) done()
  else waiting.then(() => done(), done)
}

/** Lets in so many at once, has some wait, and turns the rest away. */
export interface Gate {
  /** Does the work unless as many are inside as may be; then null, at once. */
  admit<Result>(work: () => Promise<Result>): Promise<Result | null>
  /** Does one task when it is its turn. */
  run<Result>(task: () => Promise<Result>): Promise<Result>
}

/** Makes a {@link Gate}: `running` tasks at once, and `admitted` callers inside. */
export function createGate(limits: { readonly running: number; readonly admitted: number }): Gate {
  const waiting: (() => void)[] = []
  let inside = 0
  let running = 0

  async function enter(): Promise<void> {
    if (running < limits.running) {
      running += 1
      return
    }
    await new Promise<void>(resolve => {
      waiting.push(resolve)
    })
  }

  function leave(): void {
    const next = waiting.shift()
    // The place passes on without becoming free, so that nobody overtakes those who wait.
    if (next === undefined) running -= 1
    else next()
  }

  return {
    async admit(work) {
      if (inside >= limits.admitted) return null
      inside += 1
      try {
        return await work()
      } finally {
        inside -= 1
      }
    },
    async run(task) {
      await enter()
      try {
        return await task()
      } finally {
        leave()
      }
    },
  }
}

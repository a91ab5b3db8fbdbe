/** One running deadline. Only {@link Deadlines} looks inside. */
export interface Deadline {
  readonly reject: (error: Error) => void
  readonly dueTick: number
  previous: Deadline | undefined
  next: Deadline | undefined
  isRunning: boolean
}

/** Many deadlines of the same length, kept by one timer however many there are. */
export interface Deadlines {
  /** How many are running. */
  readonly size: number
  /** Starts one. `reject` is called with the error of `expire` when it runs out. */
  start(reject: (error: Error) => void): Deadline
  /** Ends one. False when it had ended before: the promise is settled then. */
  stop(deadline: Deadline): boolean
}

/**
 * Makes {@link Deadlines} that run out after `ms`, at most a twentieth later.
 *
 * Time is counted in ticks of the timer rather than read from a clock: a step of the system clock
 * cannot end them early, and while the event loop is blocked no time passes, so that answers which
 * are already waiting in the socket are read first.
 */
export function createDeadlines(ms: number, expire: (deadline: Deadline) => Error): Deadlines {
  const tickMs = Math.min(50, Math.max(1, Math.round(ms / 20)))
  const ticks = Math.ceil(ms / tickMs) + 1
  let timer: NodeJS.Timeout | undefined
  let tick = 0
  let size = 0
  let oldest: Deadline | undefined
  let newest: Deadline | undefined

  function stop(deadline: Deadline): boolean {
    if (!deadline.isRunning) return false
    deadline.isRunning = false
    size -= 1
    if (deadline.previous === undefined) oldest = deadline.next
    else deadline.previous.next = deadline.next
    if (deadline.next === undefined) newest = deadline.previous
    else deadline.next.previous = deadline.previous
    return true
  }

  function sweep(): void {
    tick += 1
    while (oldest !== undefined && oldest.dueTick <= tick) {
      const due = oldest
      stop(due)
      due.reject(expire(due))
    }
    if (oldest !== undefined) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    get size() {
      return size
    },
    start(reject) {
      const deadline: Deadline = {
        reject,
        dueTick: tick + ticks,
        previous: newest,
        next: undefined,
        isRunning: true,
      }
      if (newest === undefined) oldest = deadline
      else newest.next = deadline
      newest = deadline
      size += 1
      timer ??= setInterval(sweep, tickMs).unref()
      return deadline
    },
    stop,
  }
}

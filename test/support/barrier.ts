/** A gate that holds whoever comes to it until it is opened. */
export interface Barrier {
  /** Waits until the barrier is opened. */
  pass(): Promise<void>
  /** Resolves once somebody waits at it. */
  readonly reached: Promise<void>
  open(): void
}

/** Makes a {@link Barrier}. */
export function createBarrier(): Barrier {
  let reach = (): void => undefined
  let open = (): void => undefined
  const reached = new Promise<void>(resolve => {
    reach = resolve
  })
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return {
    pass() {
      reach()
      return opened
    },
    reached,
    open,
  }
}

/** The same object, whose method waits at the barrier before it does anything. */
export function holdBefore<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  barrier: Barrier,
): Target {
  const method = target[name]
  if (typeof method !== 'function') throw new TypeError(`${String(name)} is no method.`)
  const held = async (...args: unknown[]): Promise<unknown> => {
    await barrier.pass()
    return method.apply(target, args)
  }
  return { ...target, [name]: held }
}

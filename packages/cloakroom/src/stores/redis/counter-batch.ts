/** Collects what is asked for in one turn of the event loop, and asks for all of it at once. */
export interface Batch<Item, Answer> {
  add(item: Item): Promise<Answer>
}

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes a {@link Batch}.
 *
 * Under load many requests are read from their sockets in one turn, and a round trip for each of
 * them costs both sides more than what it asks for. When there is only one, it does not wait: the
 * turn is over at once.
 *
 * @param send answers all items, in their order.
 * @param most items are sent together.
 */
export function createBatch<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
  most: number,
): Batch<Item, Answer> {
  let waiting: Waiting<Item, Answer>[] = []

  function flush(): void {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    send(batch.map(({ item }) => item)).then(
      answers => {
        for (const [index, { resolve, reject }] of batch.entries()) {
          const answer = answers[index]
          if (answer === undefined) reject(new TypeError('A batch was answered in part.'))
          else resolve(answer)
        }
      },
      error => {
        for (const { reject } of batch) reject(error)
      },
    )
  }

  return {
    add(item) {
      if (waiting.length === 0) setImmediate(flush)
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        if (waiting.length >= most) flush()
      })
    },
  }
}

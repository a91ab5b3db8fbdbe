import { isCrossSlot } from './reply-error.ts'

/** Collects what is asked for in one turn of the event loop, and asks for all of it at once. */
export interface Batch<Item, Answer> {
  add(item: Item): Promise<Answer>
}

interface Gathering<Item, Answer> {
  readonly items: Item[]
  /** In the order of the items. */
  readonly answers: Promise<readonly (Answer | Error)[]>
}

/**
 * Makes a {@link Batch}.
 *
 * Under load many requests are read from their sockets in one turn, and a round trip for each of
 * them costs both sides more than what it asks for. When there is only one, it does not wait: the
 * turn is over at once.
 *
 * A Redis Cluster refuses keys of several slots in one command. Nobody has to say that there is one:
 * after its first refusal, with which it has done nothing, everything is asked for by itself.
 *
 * @param send answers all items, in their order. An error among the answers is thrown to whom it is for.
 * @param most items are sent together.
 */
export function createBatch<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>,
  most: number,
): Batch<Item, Answer> {
  let gathering: Gathering<Item, Answer> | undefined
  let canSpan = true

  function begin(): Gathering<Item, Answer> {
    const items: Item[] = []
    const turnIsOver = new Promise(resolve => setImmediate(resolve))
    const answers = turnIsOver.then(() => {
      if (gathering?.items === items) gathering = undefined
      return send(items)
    })
    return { items, answers }
  }

  return {
    add(item) {
      if (!canSpan) return send([item]).then(answers => answerAt(answers, 0))
      gathering ??= begin()
      const { items, answers } = gathering
      const index = items.push(item) - 1
      if (items.length >= most) gathering = undefined
      return answers.then(
        all => answerAt(all, index),
        async error => {
          if (items.length === 1 || !isCrossSlot(error)) throw error
          canSpan = false
          return answerAt(await send([item]), 0)
        },
      )
    },
  }
}

function answerAt<Answer>(answers: readonly (Answer | Error)[], index: number): Answer {
  const answer = answers[index]
  if (answer instanceof Error) throw answer
  if (answer === undefined) throw new TypeError('A batch was answered in part.')
  return answer
}

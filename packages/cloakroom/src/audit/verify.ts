import type { EntrySeal } from './entry-seal.ts'
import { type AuditLine, readExported, readLine } from './line.ts'
import { type AuditHead, type AuditStore, emptyHead, type StoredRecord } from './store.ts'

/** Something that should not be so. */
export interface AuditProblem {
  /**
   * `changed`: an entry is not as it was written. `missing`: entries were removed. `moved`: an entry
   * does not follow the one before it. `rolled-back`: the log ends before an entry it once had.
   */
  readonly kind: 'changed' | 'missing' | 'moved' | 'rolled-back'
  /** Number of the entry, or of the first that is missing. */
  readonly sequence: number
  readonly message: string
}

/** What a check of a log found. */
export interface AuditReport {
  readonly ok: boolean
  readonly log: string
  /** How many entries were read. */
  readonly checked: number
  /** How many were written with a key that is no longer there, and can be neither proven nor disproven. */
  readonly unverifiable: number
  /** The last entry. Keep it somewhere else, and pass it to the next check. */
  readonly head: AuditHead
  /** The first hundred. */
  readonly problems: readonly AuditProblem[]
}

/** How a log is checked. */
export interface VerifyOptions {
  /** An entry that the log is known to have had, from an earlier report. */
  readonly anchor?: AuditHead | undefined
  /** Told how far the check has come, for a progress bar. */
  readonly onProgress?: ((checked: number, total: number) => void) | undefined
}

const mostProblems = 100
const pageSize = 500

/** Reads a whole log and checks that it is what was written. */
export async function verifyLog(
  { store, seal, log }: { store: AuditStore; seal: EntrySeal; log: string },
  { anchor, onProgress }: VerifyOptions = {},
): Promise<AuditReport> {
  const head = await store.head(log)
  const chain = createChain(anchor)
  let cursor: string | null = null
  for (;;) {
    const page = await store.page({ log, order: 'oldest-first', cursor, count: pageSize })
    for (const record of page) chain.add(record, readRecord(seal, log, record))
    const last: StoredRecord | undefined = page.at(-1)
    if (last === undefined) break
    cursor = last.cursor
    onProgress?.(chain.checked(), Math.max(head.sequence - chain.first() + 1, chain.checked()))
  }
  // What was appended meanwhile may have pushed out entries that were still to be read.
  return chain.end(log, { before: head, after: await store.head(log) })
}

/** Checks lines that were exported, in the order in which they were. */
export async function verifyLines(
  { seal, log }: { seal: EntrySeal; log: string },
  lines: AsyncIterable<string> | Iterable<string>,
  { anchor }: VerifyOptions = {},
): Promise<AuditReport> {
  const chain = createChain(anchor)
  for await (const text of lines) {
    if (text === '') continue
    const exported = readExported(text)
    const state = exported === null ? 'changed' : seal.check(log, exported.line, exported.mac)
    const line = state === 'genuine' && exported !== null ? readLine(exported.line) : null
    const sequence = line?.sequence ?? Number.NaN
    chain.add({ sequence, mac: exported?.mac ?? '' }, line ?? asUnread(state))
  }
  return chain.end(log, null)
}

type Unread = 'changed' | 'unknown-key'

function asUnread(state: string): Unread {
  return state === 'unknown-key' ? 'unknown-key' : 'changed'
}

function readRecord(seal: EntrySeal, log: string, record: StoredRecord): AuditLine | Unread {
  const opened = seal.open(log, record)
  return opened.state === 'genuine' ? opened.line : opened.state
}

function createChain(anchor: AuditHead | undefined) {
  const problems: AuditProblem[] = []
  const gaps: { from: number; to: number }[] = []
  let checked = 0
  let unverifiable = 0
  let first: number | null = null
  let last: AuditHead | null = null
  /** The oldest entry that may still be there: each line says how many were kept. */
  let oldestKept = 1
  let keep = Number.POSITIVE_INFINITY
  let hasAnchor = false

  function tell(kind: AuditProblem['kind'], sequence: number, message: string): void {
    problems.push({ kind, sequence, message })
  }

  function follow(sequence: number, line: AuditLine | Unread): void {
    if (last === null) return
    if (sequence > last.sequence + 1) gaps.push({ from: last.sequence + 1, to: sequence - 1 })
    else if (sequence <= last.sequence) tell('moved', sequence, 'It is out of order.')
    else if (typeof line === 'object' && line.previous !== last.mac) {
      tell('moved', sequence, 'It was written after another entry than the one before it.')
    }
  }

  return {
    checked: () => checked,
    first: () => first ?? 1,
    add(found: AuditHead, line: AuditLine | Unread): void {
      checked += 1
      // What cannot be read holds the place after the last one, for want of a better.
      const sequence = Number.isSafeInteger(found.sequence)
        ? found.sequence
        : (last?.sequence ?? 0) + 1
      if (line === 'unknown-key') unverifiable += 1
      else if (line === 'changed') tell('changed', sequence, 'It is not as it was written.')
      else {
        keep = line.keep
        oldestKept = Math.max(oldestKept, sequence - keep + 1)
      }
      follow(sequence, line)
      first ??= sequence
      last = { sequence, mac: found.mac }
      if (anchor?.sequence !== sequence) return
      hasAnchor = true
      if (anchor.mac !== found.mac) {
        tell('rolled-back', sequence, 'It is not the entry that was there before.')
      }
    },

    end(log: string, heads: { before: AuditHead; after: AuditHead } | null): AuditReport {
      const end: AuditHead = last ?? emptyHead
      const pushedOut = heads === null ? 0 : heads.after.sequence - keep
      if (heads !== null && first !== null && first > oldestKept) {
        gaps.unshift({ from: oldestKept, to: first - 1 })
      }
      if (heads !== null && end.sequence < heads.before.sequence) {
        gaps.push({ from: end.sequence + 1, to: heads.before.sequence })
      }
      for (const { from, to } of gaps) {
        if (to > pushedOut) tell('missing', from, `Entries ${from} to ${to} are not there.`)
      }
      if (anchor !== undefined && !hasAnchor && anchor.sequence > end.sequence) {
        tell('rolled-back', anchor.sequence, `The log ends before it, with entry ${end.sequence}.`)
      }
      const shown = problems.slice(0, mostProblems)
      const ok = problems.length === 0
      return { ok, log, checked, unverifiable, head: end, problems: shown }
    },
  }
}

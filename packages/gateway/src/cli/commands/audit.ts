import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type AuditHead, type AuditReport, type AuditTrail, ConfigError, toEcs } from 'cloakroom'
import { type Office, officeFlags, withOffice } from '../office.ts'
import { createProgress, printJson } from '../output.ts'
import { createActionVerb, type Terminal, textOf, type Verb, type VerbArgs } from '../verb.ts'

/** Checks the audit trail and writes it out. */
export const audit: Verb = createActionVerb(
  {
    summary: 'Checks the audit trail and writes it out',
    args: {
      tenant: { type: 'string', description: 'The log of this tenant', valueHint: 'name' },
      file: { type: 'string', description: 'verify: lines that were exported', valueHint: 'path' },
      anchor: {
        type: 'string',
        description: 'verify: an entry it must still have, as a report before named it',
        valueHint: 'number:signature',
      },
      output: { type: 'string', description: 'export: where to', valueHint: 'path' },
      format: { type: 'string', description: 'export: lines or ecs', default: 'lines' },
      user: { type: 'string', description: 'export: events of this user', valueHint: 'id' },
      since: { type: 'string', description: 'export: from this time on', valueHint: '2026-01-31' },
      ...officeFlags,
    },
  },
  {
    verify: { summary: 'whether an entry was changed or removed', run: verify },
    export: { summary: 'all entries as lines of JSON', run: exportTrail },
  },
)

function verify(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async office => {
    const reports = await check(args, terminal, office)
    if (args['json'] === true) printJson(terminal, reports)
    else for (const report of reports) showReport(report, terminal)
    return reports.every(report => report.ok) ? 0 : 1
  })
}

async function check(
  args: VerbArgs,
  terminal: Terminal,
  office: Office,
): Promise<readonly AuditReport[]> {
  const trail = trailOf(office)
  const progress = createProgress(terminal, 'entries')
  const onProgress = (done: number, total: number): void => progress.show(done, total)
  const [file, tenant] = [textOf(args, 'file'), textOf(args, 'tenant')]
  const anchor = readAnchor(textOf(args, 'anchor'))
  try {
    if (file !== undefined) {
      const lines = createInterface({ input: createReadStream(resolve(terminal.folder, file)) })
      return [await trail.verifyLines(lines, { anchor, tenant })]
    }
    if (tenant === undefined && anchor === undefined) return await trail.verifyAll({ onProgress })
    return [await trail.verify(tenant ?? null, { anchor, onProgress })]
  } finally {
    progress.end()
  }
}

function showReport(report: AuditReport, terminal: Terminal): void {
  const { ok, log, checked, unverifiable, head, problems } = report
  terminal.print(
    `${log}: ${ok ? 'as it was written' : 'NOT as it was written'}, ${checked} entries`,
  )
  if (unverifiable > 0) {
    terminal.print(`  ${unverifiable} of them are of a secret that is not here, and prove nothing.`)
  }
  for (const { kind, sequence, message } of problems) {
    terminal.print(`  ${kind} at ${sequence}: ${message}`)
  }
  if (checked > 0) terminal.print(`  Keep this anchor elsewhere: ${head.sequence}:${head.mac}`)
}

function readAnchor(text: string | undefined): AuditHead | undefined {
  if (text === undefined) return undefined
  const [, sequence, mac] = /^(\d+):([\w-]+)$/.exec(text) ?? []
  if (sequence !== undefined && mac !== undefined) return { sequence: Number(sequence), mac }
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    '`--anchor` must be a number, a colon and a signature, as `audit verify` prints it.',
  )
}

const formats: Readonly<Record<string, (line: string, trail: AuditTrail) => string>> = {
  lines: line => line,
  ecs: (line, trail) => JSON.stringify(toEcs(trail.readLine(line))),
}

function exportTrail(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async office => {
    const trail = trailOf(office)
    const format = textOf(args, 'format') ?? 'lines'
    const write = Object.hasOwn(formats, format) ? formats[format] : undefined
    if (write === undefined) {
      terminal.warn(
        `There is no format \`${format}\`. There are: ${Object.keys(formats).join(', ')}.`,
      )
      return 2
    }
    const since = textOf(args, 'since')
    const query = {
      tenant: textOf(args, 'tenant'),
      userId: textOf(args, 'user'),
      from: since === undefined ? undefined : readTime(since),
    }
    const output = textOf(args, 'output')
    const stream =
      output === undefined
        ? null
        : createWriteStream(resolve(terminal.folder, output), { mode: 0o600 })
    const progress = createProgress(terminal, 'entries')
    let count = 0
    for await (const line of trail.export(query)) {
      const text = write(line, trail)
      if (stream === null) terminal.print(text)
      else if (!stream.write(`${text}\n`)) await once(stream, 'drain')
      count += 1
      progress.show(count, null)
    }
    progress.end()
    if (stream !== null) {
      stream.end()
      await once(stream, 'finish')
      terminal.warn(`${count} entries are in ${output}.`)
    }
    return 0
  })
}

function readTime(text: string): number {
  const at = Date.parse(text)
  if (Number.isFinite(at)) return at
  throw new ConfigError('ERR_OPTION_INVALID', '`--since` must be a time such as 2026-01-31T08:00Z.')
}

function trailOf({ cloakroom }: Office): AuditTrail {
  if (cloakroom.auditTrail === null) throw new TypeError('The office has no trail.')
  return cloakroom.auditTrail
}

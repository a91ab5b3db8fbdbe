import { describe, expect, it } from 'vitest'
import { runNode } from './support/consumer.ts'
import { findPackages, readEntryPoints } from './support/public-api.ts'

const printed = await runNode(['scripts/build-reference.js', '--print'])
const pages = new Map(JSON.parse(printed) as [string, string][])
const entries = (await Promise.all((await findPackages()).map(readEntryPoints))).flat()

describe.each(entries)('the reference of $specifier', ({ specifier, names }) => {
  const file = `${specifier.replace(/^@/, '').replaceAll('/', '-')}.md`
  const sections = new Map(
    (pages.get(file) ?? '').split(/^## /m).map(text => [text.split('\n')[0], text]),
  )

  it('has each name with its comment and its whole declaration', () => {
    for (const { name } of names) {
      const section = sections.get(name) ?? ''
      expect(section).toMatch(/^\w+\n\n[A-Z`[{][\s\S]+\n\n```dts\n[\s\S]+[;}]\n```\n/)
      const code = /```dts\n([\s\S]*?)```/.exec(section)?.[1] ?? ''
      expect([name, code.split('{').length]).toEqual([name, code.split('}').length])
    }
  })

  it('is named in the list of all', () => {
    const list = pages.get('README.md') ?? ''
    expect(names.filter(({ name }) => !list.includes(`[${name}](${file}#`))).toEqual([])
  })
})

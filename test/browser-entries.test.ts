import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const dist = new URL('../packages/accounts/dist/', import.meta.url)

/** Everything that a built module makes browsers load: files by path, packages by name. */
async function loadedBy(entry: URL, found: Set<string> = new Set()): Promise<Set<string>> {
  const path = fileURLToPath(entry).slice(fileURLToPath(dist).length)
  if (found.has(path)) return found
  found.add(path)
  const text = await readFile(entry, 'utf8')
  const imports = [...text.matchAll(/\bfrom ['"]([^'"]+)['"]|\bimport[\s(]['"]([^'"]+)['"]/g)]
  for (const [, first, second] of imports) {
    const from = first ?? second ?? ''
    if (from.startsWith('.')) await loadedBy(new URL(from, entry), found)
    else found.add(from)
  }
  return found
}

describe('what browsers load', () => {
  it('is small and without packages for the client', async () => {
    const files = [...(await loadedBy(new URL('client.js', dist)))].sort()
    expect(files).toEqual(['client.js', 'client/client.js', 'client/page.js'])
    const texts = await Promise.all(files.map(file => readFile(new URL(file, dist), 'utf8')))
    expect(texts.join('').length).toBeLessThan(12_000)
  })

  it('is React and nothing of the server for the components', async () => {
    const found = [...(await loadedBy(new URL('react.js', dist)))]
    const files = found.filter(name => /\.js$/.test(name))
    expect(files.filter(file => !/^(react|client)[./]/.test(file))).toEqual([])
    const packages = found.filter(name => !/\.js$/.test(name)).sort()
    expect(packages).toEqual(['react', 'react/jsx-runtime'])
  })
})

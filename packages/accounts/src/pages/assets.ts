import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import { assetFiles } from './assets.generated.ts'

/** A file that browsers load once and keep for good. */
export interface Asset {
  readonly type: string
  /** Of the text: part of its address, so that a new text has a new one. */
  readonly digest: string
  readonly text: string
}

/** The files that pages refer to. */
export interface Assets {
  /** Address of a file, below the base of the pages. @throws {RangeError} when there is none. */
  pathOf(name: string): string
  /** The answer for an address; null when there is no such file. */
  answer(path: string): Response | null
}

const year = 31_536_000

/** Makes {@link Assets} of the committed files and the stylesheet of the theme. */
export function createAssets(themeCss: string): Assets {
  const digest = createHash('sha256').update(themeCss).digest('hex').slice(0, 16)
  const theme: Asset = { type: 'text/css; charset=utf-8', digest, text: themeCss }
  const files: Readonly<Record<string, Asset>> = { ...assetFiles, 'theme.css': theme }
  const paths = new Map(Object.entries(files).map(([name, file]) => [name, pathFor(name, file)]))
  const byPath = new Map(Object.entries(files).map(([name, file]) => [pathFor(name, file), file]))

  return {
    pathOf(name) {
      const path = paths.get(name)
      if (path === undefined) throw new RangeError(`There is no asset ${name}.`)
      return path
    },

    answer(path) {
      const asset = byPath.get(path)
      if (asset === undefined) return null
      return new Response(asset.text, {
        headers: {
          'content-type': asset.type,
          'cache-control': `public, max-age=${year}, immutable`,
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
        },
      })
    },
  }
}

function pathFor(name: string, { digest }: Asset): string {
  const end = extname(name)
  return `/_assets/${name.slice(0, -end.length)}.${digest}${end}`
}

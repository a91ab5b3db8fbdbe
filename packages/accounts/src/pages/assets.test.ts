import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createAssets } from './assets.ts'

const script = fileURLToPath(new URL('../../../../scripts/build-assets.js', import.meta.url))

describe('createAssets', () => {
  const assets = createAssets(':root{--accent:#123456}')

  it('serves what the asset files hold now', () => {
    const { status, stderr } = spawnSync('node', [script, '--check'], { encoding: 'utf8' })
    expect(`${status} ${stderr}`).toBe('0 ')
  })

  it.each(['style.css', 'theme.css', 'pages.js', 'charts.js'])(
    'lets browsers keep %s for good',
    async name => {
      const answer = assets.answer(assets.pathOf(name))
      expect(answer?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(answer?.headers.get('content-type')).toContain(
        name.endsWith('css') ? 'css' : 'javascript',
      )
      expect(await answer?.text()).not.toBe('')
    },
  )

  it('gives another theme another address', () => {
    expect(createAssets(':root{}').pathOf('theme.css')).not.toBe(assets.pathOf('theme.css'))
  })

  it('has nothing at other addresses', () => {
    expect(assets.answer('/_assets/style.0000000000000000.css')).toBeNull()
    expect(() => assets.pathOf('none.js')).toThrow(RangeError)
  })
})

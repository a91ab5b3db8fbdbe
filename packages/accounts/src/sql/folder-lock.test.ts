import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './folder-lock.ts'

let parent: string
let folder: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'cloakroom-lock-'))
  folder = join(parent, 'deep/database')
})
afterEach(() => rm(parent, { recursive: true }))

const leave = async (text: string): Promise<void> => {
  const unlock = await lockFolder(folder)
  await unlock()
  await writeFile(`${folder}.lock`, text)
}

describe('lockFolder', () => {
  it('gives a folder to one at a time', async () => {
    const unlock = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toThrow(/open in another process.*`folder`/)
    await unlock()
    await (await lockFolder(folder))()
    expect(await readdir(join(parent, 'deep'))).toEqual([])
  })

  it('gives it to one of several that come at once', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => lockFolder(folder)))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('respects another process that runs', async () => {
    await leave(JSON.stringify({ pid: process.ppid, startedAt: 1 }))
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
  })

  it('takes over from a process that ended', async () => {
    await leave(JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 1 }))
    await lockFolder(folder)
    expect(await readFile(`${folder}.lock`, 'utf8')).toContain(`"pid":${process.pid}`)
  })

  it('takes over from an earlier process of the same number, as in a container', async () => {
    await leave(JSON.stringify({ pid: process.pid, startedAt: 1 }))
    await lockFolder(folder)
  })

  it.each(['', '{', 'null', '{"pid":"1"}'])('takes over what names no process: %j', async text => {
    await leave(text)
    await lockFolder(folder)
  })
})

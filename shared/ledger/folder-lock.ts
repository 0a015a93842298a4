/**
 * Two processes on one PGlite folder destroy it, and PGlite does not guard it. A lock file names the process that holds
 * it; one left by a process that is gone is taken over at once, so that a restart after a kill needs no waiting.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { withoutTrailing } from '../text.ts'

export class FolderLocked extends Error {
  constructor(folder: string, pid: number) {
    super(`The ledger in ${folder} is already open in process ${pid}.`)
  }
}

/** Takes the lock beside `folder`, or rejects with `FolderLocked`. Resolves with what gives it back. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = `${withoutTrailing(folder, '/\\')}.lock`
  await mkdir(dirname(path), { recursive: true })
  const mine = `${process.pid} ${await startOf(process.pid)}\n`
  for (;;) {
    const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null
      throw error
    })
    if (file !== null) {
      await file.writeFile(mine)
      await file.close()
      return async () => {
        if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true })
      }
    }
    const held = await readFile(path, 'utf8').catch(() => '')
    const [pid = '', start = ''] = held.trim().split(' ')
    if (pid === '') {
      // created, but not yet written: its owner is between two lines, or died there
      await new Promise(resolve => setTimeout(resolve, 50))
      if ((await readFile(path, 'utf8').catch(() => null)) !== '') continue
    } else if (isAlive(Number(pid)) && (await startOf(Number(pid))) === start) {
      throw new FolderLocked(folder, Number(pid))
    }
    // Moved, then looked at: of two that find the same stale lock, one moves it and the other finds nothing to move.
    const stale = `${path}.${process.pid}.stale`
    await rename(path, stale).catch(() => {})
    await rm(stale, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When the process started, in the kernel's ticks: a pid may come again. '-' where /proc does not tell. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
}

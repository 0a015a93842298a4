/**
 * A run leaves nothing behind: every folder that tests make is below one of the run's own, every process they start
 * carries the run's mark. What is still there afterwards is named, ended, and fails the run.
 */
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const mark = 'UNPUSH_TEST_RUN'
/** Caches of tsx and Node, which go with the run's folder. */
const ofTools = /^(tsx-\d+|node-compile-cache)$/
/** Ends early where nothing is left. */
const graceMs = 20_000

export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-test-'))
  // PostgreSQL, which root starts as another user, has its folder in here
  await chmod(folder, 0o711)
  const run = randomUUID()
  process.env['TMPDIR'] = folder
  process.env[mark] = run
  return async () => {
    const folders = (await readdir(folder)).filter(name => !ofTools.test(name))
    await rm(folder, { recursive: true, force: true })
    const processes = await outliving(`${mark}=${run}`)
    for (const { id } of processes) end(id)
    const left = [...folders, ...processes.map(({ id, command }) => `process ${id}: ${command}`)]
    if (left.length === 0) return
    console.error(`Tests left behind:\n  ${left.join('\n  ')}`)
    // a teardown that throws is printed, and then forgotten
    process.exitCode = 1
  }
}

function end(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // it ended by itself after all
  }
}

/** Marked processes that do not end by themselves within the grace. Knows of none where there is no procfs. */
async function outliving(marked: string): Promise<{ id: number; command: string }[]> {
  for (const until = Date.now() + graceMs; ; await new Promise(resolve => setTimeout(resolve, 50))) {
    const found = await findProcesses(marked)
    if (found.length === 0 || Date.now() > until) return found
  }
}

async function findProcesses(marked: string): Promise<{ id: number; command: string }[]> {
  const ids = (await readdir('/proc').catch((): string[] => [])).filter(name => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    ids.map(async id => {
      const read = (name: string) => readFile(`/proc/${id}/${name}`, 'utf8').catch(() => '')
      const [environment, command, status] = [await read('environ'), await read('cmdline'), await read('stat')]
      // own children are the runner's: its workers, which it ends itself
      const parent = Number(/\) \S (\d+)/.exec(status)?.[1])
      if (id === process.pid || parent === process.pid || !environment.split('\0').includes(marked)) return null
      return { id, command: command.replaceAll('\0', ' ').trim() }
    }),
  )
  return found.filter(process => process !== null)
}

/** An embedded ledger whose process is killed while it is made, and folders that hold something else. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packSnapshot } from '../../sandbox/ledger-snapshot.ts'
import { LedgerMismatch, migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { figure, soak } from '../support/figures.ts'

/** Each makes a ledger twice: the short form takes every moment once. */
const kills = soak ? 200 : 6
const file = fileURLToPath(new URL('first-start-process.ts', import.meta.url))

let root = ''
let snapshot = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'unpush-first-'))
  snapshot = await packSnapshot()
})
afterAll(() => rm(root, { recursive: true, force: true }))

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(0)
}
const start = (folder: string) => fork(file, [folder, snapshot], { execArgv: ['--import', 'tsx'] })
const said = (child: ChildProcess, wanted: string) =>
  new Promise<void>((resolve, reject) => {
    child.on('message', message => message === wanted && resolve())
    child.once('exit', code => reject(new Error(`it ended (${code})`)))
  })

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** As the next start finds it: it starts, or says in one line what to do. Then that is done, and it starts. */
async function startAgain(folder: string): Promise<string | null> {
  const begin = async () => {
    const ledger = await openLedger(`pglite:${folder}`, { snapshot })
    try {
      await migrate(ledger)
      await ledger.query('select count(*) from recall')
    } finally {
      await ledger.close()
    }
  }
  try {
    await begin()
    return null
  } catch (error) {
    if (!(error instanceof LedgerMismatch)) throw error
    expect(error.message).toMatch(/^[^\n]*move the folder away[^\n]*$/)
    await rm(folder, { recursive: true })
    await begin()
    return error.message
  }
}

describe('the first start', () => {
  /** What may be seen of it from outside, in order; kills fall on these moments and everywhere between them. */
  const moments: readonly ((folder: string) => boolean)[] = [
    () => true,
    folder => existsSync(`${folder}.lock`),
    folder => existsSync(`${folder}.new`),
    folder => existsSync(join(`${folder}.new`, 'PG_VERSION')),
    folder => existsSync(join(`${folder}.new`, 'global', 'pg_control')),
    folder => existsSync(folder),
  ]

  async function measure(): Promise<number> {
    const folder = join(root, 'measured')
    const measured = start(folder)
    await said(measured, 'begins')
    const beganAt = performance.now()
    await said(measured, 'ready')
    const wholeMs = performance.now() - beganAt
    await kill(measured)
    expect(await startAgain(folder)).toBeNull()
    return wholeMs
  }

  it(
    `can be killed at any of ${kills} moments, and the next one begins`,
    async context => {
      // the first round needs no such figure
      const wholeMs = kills > moments.length ? await measure() : 0
      const lines: string[] = []
      let unfinished = 0
      for (let nth = 0; nth < kills; nth++) {
        const folder = join(root, `kill-${nth}`)
        const child = start(folder)
        let isReady = false
        const ready = said(child, 'ready').then(
          () => (isReady = true),
          () => {},
        )
        await said(child, 'begins')
        const moment = moments[nth % moments.length]
        await until(() => isReady || moment?.(folder) === true)
        // the first round right at the moment, later ones somewhere after it
        const round = Math.floor(nth / moments.length)
        await pause(round === 0 ? 0 : Math.random() * wholeMs * 0.4)
        await kill(child)
        await ready
        if (!existsSync(join(folder, 'PG_VERSION'))) unfinished += 1
        const line = await startAgain(folder)
        if (line !== null) lines.push(`kill ${nth}: ${line}`)
        expect((await readdir(root)).filter(name => name.startsWith(`kill-${nth}`))).toEqual([`kill-${nth}`])
        await rm(folder, { recursive: true })
      }
      // else the moments were none
      expect(unfinished).toBeGreaterThan(0)
      const what = `${kills} kills, ${unfinished} of them before it was whole: ${kills - lines.length} began again`
      figure(context, 'kill -9 while the embedded ledger is made', `${what}, ${lines.length} said what to do`, 'all')
      // made beside its place, there is nothing left to say
      expect(lines).toEqual([])
    },
    soak ? 3_600_000 : 300_000,
  )
})

describe('a folder', () => {
  let whole = ''
  beforeAll(async () => {
    whole = join(root, 'whole')
    const ledger = await openLedger(`pglite:${whole}`, { snapshot })
    await ledger.close()
  })
  const copy = async (name: string): Promise<string> => {
    const folder = join(root, name)
    await cp(whole, folder, { recursive: true })
    return folder
  }
  const refusalOf = async (folder: string): Promise<string> => {
    const before = await readdir(folder, { recursive: true })
    const error = await openLedger(`pglite:${folder}`, { snapshot }).catch((failed: unknown) => failed)
    expect(error).toBeInstanceOf(LedgerMismatch)
    // it is somebody's data: nothing was touched
    expect(await readdir(folder, { recursive: true })).toEqual(before)
    return (error as Error).message
  }

  it('of another engine is named with both versions, and left alone', async () => {
    const ours = (await readFile(join(whole, 'PG_VERSION'), 'utf8')).trim()
    const folder = await copy('older')
    await writeFile(join(folder, 'PG_VERSION'), '17\n')
    expect(await refusalOf(folder)).toBe(
      `The ledger in ${folder} was made by PostgreSQL 17, and this Unpush brings PostgreSQL ${ours}: start the version of Unpush that made it, or, to begin with an empty one, move the folder away or name another in LEDGER_URL (nothing of it is carried over).`,
    )
  })

  it.each([
    ['without its control file', 'global/pg_control', null],
    ['with an empty version', 'PG_VERSION', ''],
    ['with a control file cut short', 'global/pg_control', 'x'],
    ['without its transaction log', 'pg_wal', null],
  ])('that was left half made, %s, is told of in one line', async (what, name, content) => {
    const folder = await copy(what.replaceAll(' ', '-'))
    const path = join(folder, name)
    await rm(path, { recursive: true })
    if (content !== null) await writeFile(path, content)
    const error = await openLedger(`pglite:${folder}`, { snapshot }).catch((failed: unknown) => failed)
    expect(error).toBeInstanceOf(LedgerMismatch)
    expect((error as Error).message).toMatch(
      /^The ledger in \S+ (cannot be opened|is damaged)[^\n]*move the folder away[^\n]*$/,
    )
  })

  it('of other files is no ledger, and they stay', async () => {
    const folder = join(root, 'photos')
    await mkdir(folder)
    await writeFile(join(folder, 'holiday.jpg'), 'x')
    expect(await refusalOf(folder)).toMatch(/^\S+ holds no ledger, but other files: /)
  })

  it('that is empty becomes one', async () => {
    const folder = join(root, 'empty')
    await mkdir(folder)
    expect(await startAgain(folder)).toBeNull()
  })
})

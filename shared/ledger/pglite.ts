/**
 * PostgreSQL inside the process (WASM), for one machine. One connection: statements queue up, a transaction holds them
 * all. The first open of a folder runs initdb (seconds, 800 MB); a packed snapshot of an empty ledger saves both.
 *
 * Statements are prepared once and then only bound: planning costs ten times what running them does here.
 */
import { chmod, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type messages, PGlite, protocol } from '@electric-sql/pglite'
import { withoutTrailing } from '../text.ts'
import { lockFolder } from './folder-lock.ts'
import { LedgerMismatch } from './migrate.ts'
import { createWire } from './pglite-wire.ts'
import { encode, inOrder, type Ledger, type Parameter, type Sql } from './sql.ts'

export interface PGliteOptions {
  /** A packed ledger to start from where the folder is new. */
  readonly snapshot?: string
}

/** `memory`, or a folder: made when missing, locked while open. Rejects with LedgerMismatch where it cannot be opened. */
export async function openPGlite(
  folder: string,
  options: PGliteOptions = {},
): Promise<Ledger & { pack(): Promise<Blob> }> {
  const inMemory = folder === 'memory'
  const unlock = inMemory ? async () => {} : await lockFolder(folder)
  const database = await (inMemory ? make(null, options.snapshot) : openFolder(folder, options.snapshot)).catch(
    async (error: unknown) => {
      await unlock()
      throw error
    },
  )
  const session = prepareIn(database)
  // A plan is made once, mostly while its tables are small, and kept: it would read all of each, however large they grow.
  await database.exec(
    "set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set jit = off",
  )
  const alone = inTurns()
  return {
    engine: 'pglite',
    query: (text, parameters, bytes) => alone(() => session.query(text, parameters, bytes)),
    transaction: body =>
      alone(async () => {
        await database.exec('begin')
        try {
          const result = await body(inOrder(session))
          await database.exec('commit')
          return result
        } catch (error) {
          await database.exec('rollback')
          throw error
        }
      }),
    together: body => body({ query: (text, parameters, bytes) => alone(() => session.query(text, parameters, bytes)) }),
    script: text =>
      alone(async () => {
        await database.exec(text)
      }),
    close: () =>
      alone(async () => {
        await database.close()
        await unlock()
      }),
    pack: () => alone(() => database.dumpDataDir('gzip')),
  }
}

/** A new ledger: null is in memory. */
async function make(dataDir: string | null, path: string | undefined): Promise<PGlite> {
  const snapshot = path === undefined ? null : await readSnapshot(path)
  const database = await PGlite.create({
    ...(dataDir === null ? {} : { dataDir }),
    ...(snapshot === null ? {} : { loadDataDir: snapshot }),
  })
  // PGlite never syncs to disk, so that page images would only guard against what it does not guard against anyway.
  await database.exec('alter system set full_page_writes = off')
  await database.exec('select pg_reload_conf()')
  // the packed ledger is older than this one: its timers start to count now
  if (snapshot !== null) await database.exec('update pulse set at = clock_timestamp()')
  return database
}

/** Made beside its place and then renamed: who is killed meanwhile leaves nothing that looks like a ledger. */
async function openFolder(folder: string, snapshot: string | undefined): Promise<PGlite> {
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => null)
  if (version === null) {
    const others = await readdir(folder).catch((): string[] => [])
    if (others.length > 0) throw new LedgerMismatch(`${folder} holds no ledger, but other files: ${wayOut}`)
    const unfinished = `${withoutTrailing(folder, '/\\')}.new`
    await rm(unfinished, { recursive: true, force: true })
    const made = await make(unfinished, snapshot)
    await made.close()
    await makePrivate(unfinished)
    await rename(unfinished, folder).catch((error: NodeJS.ErrnoException) => {
      // a mounted volume
      throw new LedgerMismatch(
        `No ledger can be put into ${folder} (${error.code}): name a folder in it in LEDGER_URL.`,
      )
    })
  } else if (version.trim() !== engineVersion) {
    const made = /^\d+$/.test(version.trim()) ? `was made by PostgreSQL ${version.trim()}` : 'is damaged'
    throw new LedgerMismatch(
      `The ledger in ${folder} ${made}, and this Unpush brings PostgreSQL ${engineVersion}: start the version of Unpush that made it, or, ${wayOut}`,
    )
  } else if (await isOpenToOthers(folder)) await makePrivate(folder)
  const database = await PGlite.create({ dataDir: folder }).catch(() => {
    // what the engine says of it is several lines about its own inside
    throw new LedgerMismatch(
      `The ledger in ${folder} cannot be opened, it was left half made or is damaged: put a copy of it there or, ${wayOut}`,
    )
  })
  // it made files while it started, for everybody
  if (version === null) await makePrivate(folder)
  return database
}

/** What PGlite's `PG_VERSION` says. */
const engineVersion = '18'
const wayOut =
  'to begin with an empty one, move the folder away or name another in LEDGER_URL (nothing of it is carried over).'

type Field = messages.RowDescriptionMessage['fields'][number]

function prepareIn(database: PGlite): Sql {
  const { serialize } = protocol
  const wire = createWire(database)
  const known = new Map<string, { readonly name: string; readonly fields: readonly Field[] }>()

  const prepare = async (text: string) => {
    const name = `s${known.size}`
    const { messages } = await database.execProtocol(
      Buffer.concat([serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), serialize.sync()]),
    )
    const description = messages.find(
      (message): message is messages.RowDescriptionMessage => message.name === 'rowDescription',
    )
    const statement = { name, fields: description?.fields ?? [] }
    known.set(text, statement)
    return statement
  }
  return {
    query: async <Row>(text: string, parameters: readonly Parameter[] = [], bytes?: string): Promise<Row[]> => {
      const { name, fields } = known.get(text) ?? (await prepare(text))
      return wire.rows(
        bindAndExecute(name, encode(text, parameters)),
        values =>
          Object.fromEntries(
            fields.map((field, index) => {
              const value = values[index] ?? null
              if (value !== null && field.name === bytes) return [field.name, Buffer.from(value)]
              return [field.name, decode(field, value === null ? null : value.toString())]
            }),
          ) as Row,
      )
    },
  }
}

/**
 * Bind, Execute and Sync in one piece (https://www.postgresql.org/docs/18/protocol-message-formats.html): all parameters
 * and results as text. PGlite's own serializer takes a millisecond for a thousand tokens, this one a tenth of it.
 */
function bindAndExecute(statement: string, values: readonly (string | null)[]): Buffer {
  const sizes = values.map(value => (value === null ? 0 : Buffer.byteLength(value)))
  const bindSize = 12 + Buffer.byteLength(statement) + sizes.reduce((sum, size) => sum + 4 + size, 0)
  const message = Buffer.alloc(1 + bindSize + executeAndSync.length)
  message.write('B')
  let at = message.writeInt32BE(bindSize, 1) + 1
  at += message.write(statement, at) + 1
  at = message.writeInt16BE(values.length, at + 2)
  for (const [index, value] of values.entries()) {
    at = message.writeInt32BE(value === null ? -1 : (sizes[index] ?? 0), at)
    if (value !== null) at += message.write(value, at)
  }
  executeAndSync.copy(message, at + 2)
  return message
}

/** The unnamed portal, all rows; then the end of the exchange. */
const executeAndSync = Buffer.from('E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04', 'latin1')

const json = new Set([114, 3802])
const numbers = new Set([20, 21, 23, 26, 700, 701])
const instant = 1184
const truth = 16

/** The types that our SQL gives out, as the other client gives them. */
function decode({ dataTypeID }: Field, text: string | null): unknown {
  if (text === null) return null
  if (json.has(dataTypeID)) return JSON.parse(text)
  if (numbers.has(dataTypeID)) return Number(text)
  if (dataTypeID === instant) return new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z'))
  return dataTypeID === truth ? text === 't' : text
}

/** One after the other, in the order they were asked. */
function inTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

async function isOpenToOthers(folder: string): Promise<boolean> {
  const [{ mode }, marks] = await Promise.all([stat(folder), stat(join(folder, 'PG_VERSION'))])
  return ((mode | marks.mode) & 0o077) !== 0
}

/** A packed ledger is unpacked for everybody to read, and older versions left it so; push tokens lie in it. */
async function makePrivate(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory() || entry.isFile()) await chmod(path, entry.isDirectory() ? 0o700 : 0o600)
  }
}

/** Null where there is none: the first open is then slow, not impossible. */
async function readSnapshot(path: string): Promise<Blob | null> {
  try {
    return new Blob([new Uint8Array(await readFile(path))])
  } catch {
    return null
  }
}

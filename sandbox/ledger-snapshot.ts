/**
 * A packed, migrated, empty ledger. PGlite's first open runs initdb: seconds and 800 MB, which a snapshot saves. It is
 * made once, when the packages are installed, and again when the schema or PGlite changes.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { migrate } from '../shared/ledger/migrate.ts'
import { openPGlite } from '../shared/ledger/pglite.ts'

const root = new URL('../', import.meta.url)
const cache = new URL('node_modules/.cache/unpush/', root)

export async function snapshotPath(): Promise<string> {
  const hash = createHash('sha256')
  const { version } = JSON.parse(
    await readFile(new URL('node_modules/@electric-sql/pglite/package.json', root), 'utf8'),
  )
  hash.update(String(version))
  hash.update(await readFile(new URL('shared/ledger/schema.sql', root)))
  return fileURLToPath(new URL(`ledger-${hash.digest('hex').slice(0, 16)}.tgz`, cache))
}

/** Makes the snapshot where it is missing; older ones go. */
export async function packSnapshot(): Promise<string> {
  const path = await snapshotPath()
  const there = await readFile(path).then(
    () => true,
    () => false,
  )
  if (there) return path
  const ledger = await openPGlite('memory')
  await migrate(ledger)
  const packed = Buffer.from(await (await ledger.pack()).arrayBuffer())
  await ledger.close()
  await mkdir(cache, { recursive: true })
  for (const name of await readdir(cache))
    if (/^ledger-.*\.tgz$/.test(name)) await rm(new URL(name, cache), { force: true })
  await writeFile(`${path}.${process.pid}`, packed)
  await rename(`${path}.${process.pid}`, path)
  return path
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await packSnapshot()

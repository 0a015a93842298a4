/**
 * A PostgreSQL for a test or a measurement: a fresh cluster in a temporary folder, on a free loopback port, gone
 * afterwards. PostgreSQL refuses to run as root, so root starts it as the user `postgres`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { freePort } from './free-port.ts'

export interface Cluster {
  readonly url: string
  /** Ends the server, open connections and all; its data stays. */
  halt(): Promise<void>
  /** Starts it again on the same port; resolves once it answers. */
  resume(): Promise<void>
  /** Ends it for good, data and all. */
  stop(): Promise<void>
}

export interface ClusterOptions {
  readonly settings?: readonly string[]
  /** Laid beside its data before it starts, readable for it alone. */
  readonly files?: { readonly [name: string]: string }
}

/** Null where PostgreSQL is not installed. */
export async function startPostgres({ settings: more = [], files = {} }: ClusterOptions = {}): Promise<Cluster | null> {
  const bin = await findBinaries()
  if (bin === null) return null
  const owner = process.getuid?.() === 0 ? idOf('postgres') : null
  const folder = await mkdtemp(join(tmpdir(), 'unpush-pg-'))
  if (owner !== null) await chown(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'app', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'],
    {
      stdio: 'ignore',
      cwd: folder,
      ...owner,
    },
  )
  const port = await freePort()
  const settings = [
    'fsync=off',
    'max_connections=200',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    ...more,
  ]
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text, { mode: 0o600 })
    if (owner !== null) await chown(join(data, name), owner.uid, owner.gid)
  }
  const start = () => {
    const server = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-p', String(port), ...settings.flatMap(setting => ['-c', setting])],
      {
        stdio: 'ignore',
        cwd: folder,
        ...owner,
      },
    )
    const exited = new Promise<void>(resolve => server.once('exit', () => resolve()))
    return {
      hasEnded: () => server.exitCode !== null || server.signalCode !== null,
      halt: async () => {
        server.kill('SIGINT')
        await exited
      },
    }
  }
  const url = `postgres://app@127.0.0.1:${port}/postgres`
  let server = start()
  await untilReady(url, server.hasEnded)
  return {
    url,
    halt: () => server.halt(),
    resume: async () => {
      server = start()
      await untilReady(url, server.hasEnded)
    },
    stop: async () => {
      await server.halt()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function findBinaries(): Promise<string | null> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch((): string[] => [])
  const newest = versions.filter(name => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a))
  for (const version of newest) {
    const bin = join(root, version, 'bin')
    if ((await readdir(bin).catch((): string[] => [])).includes('initdb')) return bin
  }
  return null
}

function idOf(user: string): { uid: number; gid: number } {
  const ask = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}

/** However long that takes: it ends by itself where it cannot start. */
async function untilReady(url: string, hasEnded: () => boolean): Promise<void> {
  for (;;) {
    const client = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} })
    try {
      await client`select 1`
      return
    } catch (error) {
      if (hasEnded()) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    } finally {
      await client.end({ timeout: 1 })
    }
  }
}

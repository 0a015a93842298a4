/** A PgBouncer before the tests' PostgreSQL, as Debian's package runs it, in either mode. */
import { execFileSync, spawn } from 'node:child_process'
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pgbouncer as program } from './services.ts'
import { freePort } from '../../sandbox/free-port.ts'

export interface Pooler {
  readonly port: number
  log(): Promise<string>
  stop(): Promise<void>
}

/** Its settings are the package's own, but for the mode and the size of the pool. */
export async function startPgBouncer(server: string, mode: 'session' | 'transaction', poolSize = 2): Promise<Pooler> {
  const { hostname, port: behind } = new URL(server)
  const folder = await mkdtemp(join(tmpdir(), 'unpush-pgbouncer-'))
  const port = await freePort()
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${behind}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${mode}`,
    `default_pool_size = ${poolSize}`,
    `logfile = ${join(folder, 'log')}`,
    `pidfile = ${join(folder, 'pid')}`,
  ]
  // of any user, all are app
  lines[1] += ' user=app'
  await writeFile(join(folder, 'ini'), lines.join('\n'))
  const owner = process.getuid?.() === 0 ? idOf('postgres') : null
  if (owner !== null) await chown(folder, owner.uid, owner.gid)
  const child = spawn(program, [join(folder, 'ini')], { cwd: folder, stdio: 'ignore', ...owner })
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const log = () => readFile(join(folder, 'log'), 'utf8').catch(() => '')
  for (let tries = 0; !(await log()).includes('process up'); tries++) {
    if (tries === 2000) throw new Error(`PgBouncer did not start:\n${await log()}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return {
    port,
    log,
    stop: async () => {
      child.kill('SIGINT')
      child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function idOf(user: string): { uid: number; gid: number } {
  const ask = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}

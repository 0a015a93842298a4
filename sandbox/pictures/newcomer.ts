/** A newcomer by script: `npm start` in a process of its own, and what it printed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Role } from '../../shared/functions.ts'

export interface Newcomer {
  readonly url: string
  /** The first address of the greeting: signs a browser in, once. */
  readonly consoleLink: string
  readonly phonesLink: string
  readonly keys: { readonly [R in Role]: string }
  /** Every line that was printed. */
  readonly lines: readonly string[]
  readonly close: () => Promise<void>
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Nothing of it is kept: the ledger is in memory, the port any that is free. Rejects where it ends before it is ready. */
export async function startNewcomer(): Promise<Newcomer> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/main.ts'], {
    cwd: root,
    // and nothing of what whoever runs this has set: that is for another service
    env: { LEDGER_URL: 'pglite:memory', PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line.startsWith('unpush ready on ')) break
  }
  const close = async () => end(child)
  const text = lines.join('\n')
  const url = /^unpush ready on (\S+)$/m.exec(text)?.[1]
  if (url === undefined) {
    await close()
    throw new Error(`npm start ended:\n${text}`)
  }
  const keys = Object.fromEntries([...text.matchAll(/^ {2}(\w+) +key +(\S+)$/gm)].map(([, role, key]) => [role, key]))
  const [consoleLink = '', phonesLink = ''] = text.match(/http:\/\/\S+/g) ?? []
  return { url, consoleLink, phonesLink, keys: keys as Newcomer['keys'], lines, close }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Function instances as child processes. They are bundled once: compiling them at every start would be most of a run. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Answer, Orders, Step } from './function-process.ts'

export interface Ended {
  /** True: SIGKILL. */
  readonly killed: boolean
  /** Of the calls among the steps; empty where it was killed. */
  readonly answers: readonly Answer[]
  /** Everything it wrote to its log. */
  readonly logged: string
}

export interface Running {
  readonly ended: Promise<Ended>
  /** SIGKILL, from outside. */
  kill(): void
  /** Of one that stays: its answers to the steps it was started with, then to those it is asked for, one list at a time. */
  answers(steps?: readonly Step[]): Promise<readonly Answer[]>
  /** As a platform does with a function that has answered, and when the next request comes. */
  freeze(): void
  thaw(): void
}

export interface Functions {
  /** `onKick`: the function asked for a run of `sweep` in another process. */
  start(orders: Orders, environment: { readonly [name: string]: string }, onKick?: () => void): Running
  close(): Promise<void>
}

export async function bundleFunctions(): Promise<Functions> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-crash-'))
  const file = join(folder, 'function.cjs')
  await build({
    entryPoints: [fileURLToPath(new URL('function-process.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  return {
    start: (orders, environment, onKick) => {
      const child = spawn(process.execPath, [file, JSON.stringify(orders)], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
      if (onKick !== undefined) child.on('message', onKick)
      let said = ''
      let logged = ''
      child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
      child.stderr?.on('data', (chunk: Buffer) => (logged += chunk.toString()))
      const ended = new Promise<Ended>((resolve, reject) => {
        child.once('error', reject)
        child.once('close', (code, signal) => {
          if (signal === 'SIGKILL') resolve({ killed: true, answers: [], logged })
          else if (code === 0) resolve({ killed: false, answers: JSON.parse(said), logged })
          else reject(new Error(`a function ended with ${code ?? signal}: ${logged.slice(-2000)}`))
        })
      })
      return {
        ended,
        kill: () => child.kill('SIGKILL'),
        answers: steps =>
          new Promise((resolve, reject) => {
            const take = (message: unknown) => {
              if (typeof message !== 'object' || message === null || !('answers' in message)) return
              child.off('message', take)
              resolve(message.answers as Answer[])
            }
            child.on('message', take)
            ended.then(({ logged: why }) => reject(new Error(`it ended: ${why.slice(-2000)}`)), reject)
            if (steps !== undefined) child.send(steps)
          }),
        freeze: () => child.kill('SIGSTOP'),
        thaw: () => child.kill('SIGCONT'),
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

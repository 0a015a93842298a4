/** Where a command runs: its streams, its clock, and whoever sits before it. Tests hand in another one. */
import type { Environment } from './environment.ts'

export interface Terminal {
  /** Standard output: the result. */
  out(text: string): void
  /** Standard error: all else. */
  err(text: string): void
  /** Columns to which tables are cut; null: the output is no terminal. */
  readonly columns: number | null
  /** Standard error is a terminal that can redraw a line. */
  readonly redraws: boolean
  /** Lines may be coloured: of the result, of all else. */
  readonly color: { readonly out: boolean; readonly err: boolean }
  /** Somebody can be asked. */
  readonly asks: boolean
  /** All of standard input. */
  input(): AsyncIterable<Buffer | string>
  /** One line, without its end; null: the input ended. Rejects where it is interrupted. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string | null>
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal
  /** Ends early, without rejecting, when it is interrupted. */
  sleep(ms: number): Promise<void>
  now(): number
  /** Shows an address in a browser, where there is one; false: there is none. */
  open(url: string): Promise<boolean>
}

/** Of this process. */
export function processTerminal({ color, redraws, columns }: Environment): Terminal {
  const interrupt = new AbortController()
  const { stdin, stdout, stderr } = process
  process.on('SIGINT', () => {
    // whoever presses it twice means it
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
  })
  // `unpush messages | head` is no failure; a command that has ended keeps its exit code
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit()
    stderr.write(`unpush: stdout: ${code}\n`)
    process.exit(1)
  })
  // a recall that was asked for starts, and its exit code is true, whether or not anybody reads along
  stderr.on('error', () => {})
  return {
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    columns: widthOf(stdout, columns),
    redraws: redraws && stderr.isTTY,
    color: { out: color && stdout.isTTY, err: color && stderr.isTTY },
    asks: stdin.isTTY && stderr.isTTY,
    input: () => stdin,
    ask: async (question, { hidden = false } = {}) => {
      const { createInterface } = await import('node:readline')
      const { Writable } = await import('node:stream')
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
      stderr.write(question)
      const lines = createInterface({ input: stdin, output: hidden ? silent : stderr, terminal: stdin.isTTY })
      try {
        return await new Promise<string | null>(resolve => {
          // readline takes the line for its own and would erase the question
          lines.setPrompt(hidden ? '' : question)
          lines.once('line', resolve)
          lines.once('close', () => resolve(null))
          lines.once('SIGINT', () => {
            stderr.write('\n')
            interrupt.abort()
            resolve(null)
          })
        })
      } finally {
        lines.close()
        if (hidden) stderr.write('\n')
      }
    },
    interrupted: interrupt.signal,
    sleep: ms => sleepUntil(ms, interrupt.signal),
    now: Date.now,
    open: openInBrowser,
  }
}

/** A serial line, or a terminal that nobody gave a size, says 0: then what `COLUMNS` says, else as wide as it comes. */
export function widthOf(
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number },
  told: number | null,
): number | null {
  return isTTY === true ? columns || told : told
}

function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

const openers: { readonly [platform: string]: readonly [string, ...string[]] } = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

async function openInBrowser(url: string): Promise<boolean> {
  const { spawn } = await import('node:child_process')
  const [program, ...before] = openers[process.platform] ?? ['xdg-open']
  return new Promise(resolve => {
    const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

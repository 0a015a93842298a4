/** The command line in this process: what it printed, what it was asked, and how it ended. Waiting takes no time. */
import { Readable } from 'node:stream'
import { type Environment, readEnvironment } from '../../cli/environment.ts'
import { run } from '../../cli/run.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { dishonest } from './honest-words.ts'

export interface Ended {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly questions: readonly string[]
  /** Every wait, in milliseconds. */
  readonly waits: readonly number[]
  readonly opened: readonly string[]
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into documents member by member
  readonly json: any
}

export interface Typing {
  readonly variables?: NodeJS.ProcessEnv
  /** On standard input, which then is no terminal. */
  readonly input?: string
  /** Given at a terminal, one after the other; null: the input ends. */
  readonly answers?: readonly (string | null | ((question: string) => string))[]
  readonly columns?: number | null
  readonly redraws?: boolean
  readonly color?: boolean
  /** Heard before each answer. */
  readonly onAsk?: () => Promise<void>
  /** Heard before each wait; may abort. */
  readonly onWait?: (ms: number, interrupt: () => void) => void | Promise<void>
  readonly now?: () => number
}

const mostWaits = 300

export async function commandLine(argv: readonly string[], typing: Typing = {}): Promise<Ended> {
  const environment: Environment = readEnvironment({ HOME: '/nowhere', ...typing.variables })
  const { terminal, ended } = testTerminal(typing)
  const exit = await run(argv, environment, terminal)
  const result = ended(exit)
  const [claim] = argv.includes('--json') ? [] : (dishonest.exec(`${result.out}${result.err}`) ?? [])
  if (claim !== undefined) throw new Error(`${argv.join(' ')} says "${claim}": ${result.out}${result.err}`)
  return result
}

export function testTerminal({
  input,
  answers,
  columns = null,
  redraws = false,
  color = false,
  onAsk,
  onWait,
  now,
}: Typing): {
  terminal: Terminal
  ended: (exit: number) => Ended
} {
  const out: string[] = []
  const err: string[] = []
  const questions: string[] = []
  const waits: number[] = []
  const opened: string[] = []
  const left = [...(answers ?? [])]
  const interrupt = new AbortController()
  let waited = 0
  const terminal: Terminal = {
    out: text => void out.push(text),
    err: text => void err.push(text),
    columns,
    redraws,
    color: { out: color, err: color },
    asks: answers !== undefined,
    input: () => Readable.from([input ?? '']),
    ask: async question => {
      questions.push(question)
      await onAsk?.()
      const answer = left.shift() ?? null
      return typeof answer === 'function' ? answer(question) : answer
    },
    interrupted: interrupt.signal,
    sleep: async ms => {
      waits.push(ms)
      // what never ends is a failure, not a hang
      if (waits.length > mostWaits) interrupt.abort()
      waited += ms
      await onWait?.(ms, () => interrupt.abort())
    },
    // its own waits are the only time that passes fast
    now: now ?? (() => Date.now() + waited),
    open: async url => {
      opened.push(url)
      return true
    },
  }
  const ended = (exit: number): Ended => ({
    exit,
    out: out.join(''),
    err: err.join(''),
    questions,
    waits,
    opened,
    json: parsed(out.join('')),
  })
  return { terminal, ended }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

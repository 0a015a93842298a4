/**
 * Where a function dies. Places in the ledger's traffic are found by what a statement writes, so that they survive a new
 * wording; a place that is never reached fails the history that wanted it.
 */

/** The statement next to which the process ends itself. */
export const statements = {
  hold: /update message\b[\s\S]*expiry_held_until = /,
  admit: /insert into recall \(/,
  keep: /update answer a set/,
  claim: /update work\b[\s\S]*\bfence = w\.fence \+ 1/,
  begin: /begin_(at_once|attempts|admitted)\(/,
  settle: /insert into attempt_answered\b/,
  finish: /\broll_up\(/,
  cancel: /\bcancelled_at = (case\b|now\(\))/,
  retry: /update work\b[\s\S]*\bresult = null\b/,
  lease: /insert into delivery_attempt\b/,
  deliver: /update delivery_attempt set finished_at/,
} as const

export type Statement = keyof typeof statements

/**
 * before: not a byte of it is sent · wire: it is sent, and nobody waits for the answer · inside: it has run in a
 * transaction that never commits · after: it has answered, and its caller does not hear of it.
 */
export type Moment = 'before' | 'wire' | 'inside' | 'after'

export interface LedgerCrash {
  readonly statement: Statement
  readonly moment: Moment
}

/**
 * The vendor has the whole request. It answers nothing, and has done what was asked or not; or it answers, since nobody
 * can tell which of two sweepers asked.
 */
export interface VendorCrash {
  readonly vendor: 'did' | 'did not' | 'answers'
}

export type Crash = LedgerCrash | VendorCrash

/** Who dies: the function that a client asked · a sweeper · one of two sweepers · one whose lease is gone · a cancel. */
export type Victim = 'request' | 'sweeper' | 'one of two' | 'zombie' | 'cancel'

export interface CrashPoint {
  readonly name: string
  readonly victims: readonly Victim[]
  readonly crashes: readonly Crash[]
}

const at = (statement: Statement, moment: Moment): LedgerCrash => ({ statement, moment })
const anyone: readonly Victim[] = ['request', 'sweeper']
const asked: readonly Crash[] = [{ vendor: 'did' }, { vendor: 'did not' }]

/** P11, a secret that rotates, kills nobody and has a test of its own. */
export const crashPoints: readonly CrashPoint[] = [
  { name: 'P1 before the transaction', victims: ['request'], crashes: [at('admit', 'before')] },
  { name: 'P2 inside it', victims: ['request'], crashes: [at('admit', 'inside')] },
  {
    name: 'P3 committed, answer not sent',
    victims: ['request'],
    crashes: [at('admit', 'after'), at('keep', 'before'), at('keep', 'after')],
  },
  {
    name: 'P4 after the claim',
    victims: ['sweeper'],
    crashes: [at('claim', 'after'), at('begin', 'wire'), at('begin', 'after')],
  },
  {
    name: 'P4 admitted as leased',
    victims: ['request'],
    crashes: [at('begin', 'before'), at('begin', 'wire'), at('begin', 'after')],
  },
  { name: 'P5 request written, no response', victims: anyone, crashes: asked },
  { name: 'P6 response read, not settled', victims: anyone, crashes: [at('settle', 'before'), at('settle', 'inside')] },
  {
    name: 'P7 settled, what follows not',
    victims: anyone,
    crashes: [at('settle', 'after'), at('finish', 'before'), at('finish', 'after')],
  },
  {
    name: 'P8 one of two sweepers',
    victims: ['one of two'],
    crashes: [
      at('claim', 'after'),
      at('begin', 'after'),
      { vendor: 'answers' },
      at('settle', 'before'),
      at('settle', 'after'),
    ],
  },
  { name: 'P9 the lease ends while the call runs', victims: ['zombie'], crashes: [at('settle', 'after')] },
  {
    name: 'P10 connection cut at COMMIT',
    victims: anyone,
    crashes: [at('settle', 'wire'), at('finish', 'wire')],
  },
  { name: 'P10 connection cut at COMMIT', victims: ['request'], crashes: [at('admit', 'wire'), at('keep', 'wire')] },
  {
    name: 'P12 a cancel beside a run',
    victims: ['cancel'],
    crashes: [at('cancel', 'before'), at('cancel', 'inside'), at('cancel', 'after'), at('finish', 'before')],
  },
]

/** One death: every point in turn, and within it every victim and every place in turn. */
export interface Death {
  readonly point: string
  readonly victim: Victim
  readonly crash: Crash
}

export function deaths(count: number): Death[] {
  const names = [...new Set(crashPoints.map(({ name }) => name))]
  const ways = names.map(name =>
    crashPoints
      .filter(point => point.name === name)
      .flatMap(({ victims, crashes }) =>
        crashes.flatMap(crash => victims.map(victim => ({ point: name, victim, crash }))),
      ),
  )
  return Array.from({ length: count }, (_, index) => {
    const way = ways[index % ways.length] ?? []
    const death = way[Math.floor(index / ways.length) % way.length]
    if (death === undefined) throw new Error('a crash point without a way to die')
    return death
  })
}

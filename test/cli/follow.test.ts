/** How often a recall is looked at while it is followed, and how much is said meanwhile. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Recall } from '../../cli/answers.ts'
import type { Api } from '../../cli/api.ts'
import type { Context } from '../../cli/context.ts'
import { follow, nextLookMs, progressLine } from '../../cli/follow.ts'
import { createSay, type Language } from '../../cli/output/language.ts'
import { recallLines } from '../../cli/output/recall.ts'
import { columnsOf } from '../../cli/output/text.ts'
import { testTerminal } from '../support/command-line.ts'
import { dishonest } from '../support/honest-words.ts'

const at = Date.parse('2026-11-23T03:00:00Z')
const base: Recall = {
  id: 'rcl_06ckw2m3v4qw2e8r9t0y1s2d3f',
  operation: 'revoke',
  state: 'running',
  reason: 'r',
  ticket: null,
  requestedBy: 'key:ops',
  person: null,
  subject: { message: 'm' },
  overlay: null,
  approval: null,
  createdAt: '2026-11-23T03:00:00Z',
  settledAt: null,
  giveUpAt: '2026-11-24T03:00:00Z',
  devices: { total: 1000, accepted: 0, rejected: 0, unknown: 0, pending: 1000 },
  etaSeconds: 40,
  blocked: null,
  targets: [],
}
const blocked = (nextInMs: number): Recall['blocked'] => ({
  by: 'rate',
  since: new Date(at).toISOString(),
  nextAttemptAt: new Date(at + nextInMs).toISOString(),
  detail: null,
})

it('looks by the plan: often at first, then less, and when there is something to see', () => {
  const running = (beganMs: number) => nextLookMs(base, beganMs, at)
  expect([0, 9999, 10_000, 59_999, 60_000, 3_600_000].map(running)).toEqual([1000, 1000, 2000, 2000, 5000, 5000])
  const waits = [-5000, 500, 8000, 60_000].map(ms => nextLookMs({ ...base, blocked: blocked(ms) }, 0, at))
  expect(waits).toEqual([1000, 1000, 8000, 15_000])
  expect(nextLookMs({ ...base, state: 'pending_approval', blocked: blocked(1) }, 0, at)).toBe(5000)
})

/** Follows through these, one a look, then to the end. */
async function followed(through: readonly Recall[], redraws: boolean) {
  let clock = at
  const lines: { at: number; text: string }[] = []
  const { terminal } = testTerminal({ redraws, columns: 80, now: () => clock })
  let look = 0
  const api = {
    ask: async () => {
      look += 1
      return { body: through[look] ?? { ...base, state: 'done' } }
    },
  } as unknown as Api
  const context = {
    say: createSay('en'),
    terminal: {
      ...terminal,
      err: (text: string) => lines.push({ at: clock, text }),
      sleep: async (ms: number) => void (clock += ms),
    },
  } as unknown as Context
  const changes: Recall[] = []
  const ended = await follow(context, api, through[0] ?? base, null, recall => changes.push(recall))
  return { ended, lines, changes, looks: look }
}

const steps = fc.array(
  fc.record({
    accepted: fc.nat(1000),
    state: fc.constantFrom('running', 'running', 'pending_approval'),
    isBlocked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)
const recallsIn = (walk: readonly { accepted: number; state: string; isBlocked: boolean }[]): Recall[] =>
  walk.map(({ accepted, state, isBlocked }) => ({
    ...base,
    state,
    devices: { total: 1000, accepted, rejected: 0, unknown: 0, pending: 1000 - accepted },
    blocked: isBlocked ? blocked(3_600_000) : null,
  }))

describe('what is said meanwhile', () => {
  it('is at most a line in ten seconds where it is no terminal, unless the state changes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async walk => {
        const { lines, ended, changes } = await followed(recallsIn(walk), false)
        expect(ended.exit).toBe(0)
        expect(changes.at(-1)?.state).toBe('done')
        for (const { text } of lines) expect(text).not.toMatch(/[^\P{Cc}\n]/u)
        const kinds = lines.map(({ text }) => `${text.includes('Waiting')} ${text.includes('blocked')}`)
        for (const [index, line] of lines.entries()) {
          const before = lines[index - 1]
          if (before === undefined || kinds[index] !== kinds[index - 1]) continue
          expect(line.at - before.at).toBeGreaterThanOrEqual(10_000)
        }
      }),
      { numRuns: 100 },
    )
  })
  it('is one line drawn again on a terminal, never wider than it, and away at the end', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async walk => {
        const { lines, looks } = await followed(recallsIn(walk), true)
        expect(lines.length).toBeLessThanOrEqual(2 * looks + 2)
        for (const { text } of lines.filter(({ text }) => text.startsWith('\r')))
          expect(columnsOf(text.replace('\r\u001b[2K', ''))).toBeLessThan(80)
        if (lines.length > 0) expect(['\r\u001b[2K', '\n'].some(end => lines.at(-1)?.text.endsWith(end))).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

describe('words of a recall', () => {
  const count = fc.option(fc.nat(5_000_000), { nil: null })
  const state = fc.constantFrom(
    'pending_approval',
    'running',
    'done',
    'partial',
    'failed',
    'cancelled',
    'declined',
    'expired',
    'newer_state',
  )
  it('claim nothing, make no 0 of what is not known, and carry what the API says', () => {
    fc.assert(
      fc.property(
        state,
        count,
        fc.nat(1000),
        fc.constantFrom<Language>('en', 'zh'),
        (state, total, other, language) => {
          const say = createSay(language)
          const devices =
            total === null ? null : { total: total + other, accepted: total, rejected: 0, unknown: other, pending: 0 }
          const target = {
            app: 'news-android',
            provider: 'tpns',
            pushId: '1',
            requested: 'revoke',
            operation: 'stop',
            state,
            devices,
            vendor: { code: '0', message: 'Success', requestId: null, status: null },
          }
          const recall: Recall = {
            ...base,
            state,
            devices,
            targets: [state === 'done' ? target : { ...target, vendor: null }],
          }
          const text = [...recallLines(recall, say, null), progressLine(recall, say)].join('\n')
          expect(text).not.toMatch(dishonest)
          expect(text).toContain(language === 'en' ? 'revoke → stop' : '撤回 → 终止')
          const tasks = language === 'en' ? 'counts tasks, not devices' : '按任务统计'
          const nothing = language === 'en' ? 'nothing of it has begun' : '未开始执行'
          if (total === null) expect(text).toContain(state === 'pending_approval' ? nothing : tasks)
          else expect(text).toContain(total.toLocaleString('en-US'))
          if (total !== null && other > 0)
            expect(text).toContain(language === 'en' ? `${other.toLocaleString('en-US')} outcome unknown` : '结果未知')
          if (['done', 'partial', 'running'].includes(state)) expect(text).toMatch(/Accepted is not gone|已受理不等于/)
        },
      ),
    )
  })
})

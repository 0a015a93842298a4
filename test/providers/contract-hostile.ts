/** Hostile replies: none of them is taken for a yes, by any question that the vendor can be asked. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Credentials, Outcome } from '../../shared/providers/provider.ts'
import { fakeSend, received } from './fake-send.ts'
import { anybodys, type Hostile, hostileOf, strangers } from './hostile.ts'
import { callOf, type Context, devicesOf, isYes, perform, type Question, type Reply, requestOf } from './subject.ts'

/** How many hostile replies each vendor was given, by question. */
export const ran = new Map<string, { [question: string]: number }>()
const leastHostile = 100
const now = () => 1_795_000_000_000

export function describeHostile<C extends Credentials>({ subject, credentials, steps }: Context<C>): void {
  const { provider, content, session = null, codeDecides = false, makesLoginItself = false } = subject
  const extra = (['check', 'login', 'list'] as const).filter(
    question => provider[question] !== undefined && !(question === 'login' && makesLoginItself),
  )
  const questions: readonly Question[] = [...steps, ...extra]

  /** The outcome, and whether the question was answered by yes. */
  const ask = async (question: Question, { text, status = 200, headers = {} }: Reply) => {
    const { send, sent } = fakeSend(received(text, status, headers))
    const call = callOf(credentials, send, { now, session })
    const answered = await answer(question, call)
    return { ...answered, requests: sent.length }
  }
  const answer = async (
    question: Question,
    call: ReturnType<typeof callOf<C>>,
  ): Promise<{ outcome: Outcome | null; yes: boolean }> => {
    if (question === 'check') {
      const outcome = await provider.check?.ask(call)
      const proves = outcome !== undefined && !['auth', 'refused', 'unknown', 'throttled'].includes(outcome.kind)
      return { outcome: outcome ?? null, yes: proves }
    }
    if (question === 'login') {
      const opened = await provider.login?.open(call)
      const outcome = opened !== undefined && 'outcome' in opened ? opened.outcome : null
      return { outcome, yes: outcome === null }
    }
    if (question === 'list') {
      const listing = await provider.list?.(new Date(now() - 3_600_000), null, call)
      return {
        outcome: listing?.outcome ?? null,
        yes: listing?.outcome.kind === 'accepted' && listing.pushes.length > 0,
      }
    }
    const request = requestOf(subject, question)
    const { outcome, record } = await perform(provider, question, request, content, call)
    return { outcome, yes: isYes(outcome, devicesOf(request)) || record !== null }
  }

  it.runIf(makesLoginItself)('asks nobody for its login', async () => {
    const { send, sent } = fakeSend(received('', 500))
    const { yes } = await answer('login', callOf(credentials, send, { now }))
    expect([yes, sent]).toEqual([true, []])
  })

  describe.each(questions)('%s and replies that are no yes', question => {
    const yeses = subject.yes[question] ?? []
    const isOwn = ({ text, status = 200 }: Reply) =>
      yeses.some(own => own.text.trim() === text.trim() && (own.status ?? 200) === status)

    it('knows the vendor’s own yes', async () => {
      expect(yeses.length).toBeGreaterThan(0)
      for (const yes of yeses) expect((await ask(question, yes)).yes, yes.text).toBe(true)
    })

    it('takes a hundred hostile ones made from it for what they are', async () => {
      // a vendor that knows who asks says so by its code alone
      const anyStatus = codeDecides || question === 'check'
      const hostile = yeses.flatMap(yes => hostileOf(yes, anyStatus)).filter(reply => !isOwn(reply))
      expect(await taken(hostile)).toEqual([])
      const distinct = new Set(hostile.map(({ text, status = 200 }) => `${status} ${text}`)).size
      expect(distinct).toBeGreaterThanOrEqual(leastHostile)
      ran.set(provider.name, { ...ran.get(provider.name), [question]: distinct })
    })

    it('takes it for none with anything else in the place of a member that makes it one', async () => {
      const { codes } = subject
      for (const yes of yeses.filter(({ needs }) => needs.length > 0)) {
        await fc.assert(
          fc.asyncProperty(strangers(yes, codes), async text => {
            expect(await taken([{ ...yes, name: text, text }])).toEqual([])
          }),
          { seed: 20261129, numRuns: process.env['UNPUSH_TEST_SOAK'] === 'on' ? 5000 : 100 },
        )
      }
    })

    it('takes none of what any server may say', async () => {
      const replies = anybodys.flatMap(reply =>
        [200, 201, 302, 400, 404, 500, 502].map(status => ({ ...reply, status })),
      )
      expect(await taken(replies.filter(reply => !isOwn(reply)))).toEqual([])
    })

    /** Names of those that were taken for a yes, or made it ask again. */
    const taken = async (replies: readonly Hostile[]) => {
      const wrong: string[] = []
      for (const reply of replies) {
        const { yes, requests, outcome } = await ask(question, reply)
        if (yes) wrong.push(`${reply.status ?? 200} ${reply.name}: taken for a yes`)
        if (requests !== 1) wrong.push(`${reply.name}: ${requests} requests`)
        const { code } = outcome?.vendor ?? { code: null }
        const strange = outcome?.kind === 'refused' && (reply.status ?? 200) < 300 && code === null
        if (strange) wrong.push(`${reply.name}: refused for good without a word of the vendor's`)
      }
      return wrong
    }
  })
}

/** Verdicts on one content, in every order in which they can arrive. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { soak } from '../support/figures.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Step, stepsOf } from '../support/steps.ts'
import { makeEndpoints, type Moderated, startModerated } from './moderated-service.ts'
import { signerOf } from './subjects.ts'

interface Judgement {
  readonly verdict: 'block' | 'pass'
  readonly by: 'machine' | 'human' | 'appeal'
  readonly round?: number
  /** Seconds ago. */
  readonly age: number
}

const machineBlock: Judgement = { verdict: 'block', by: 'machine', age: 50 }
const humanPass: Judgement = { verdict: 'pass', by: 'human', round: 1, age: 40 }
const humanBlock: Judgement = { verdict: 'block', by: 'human', round: 2, age: 30 }
const appealAccepted: Judgement = { verdict: 'pass', by: 'appeal', age: 20 }
const machinePass: Judgement = { verdict: 'pass', by: 'machine', age: 60 }
const replay = 'replay'

/** All 120 in the long form; in the short one every fourth, so that each of the five is the first and the last of some. */
function taken<T>(orders: readonly T[]): [number, T][] {
  return [...orders.entries()].filter(([index]) => soak || index % 4 === Math.floor(index / 24) % 4)
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map(rest => [item, ...rest]),
  )
}

describeOnUrls('the order of verdicts', suite)

function suite(ledgerUrl: () => string): void {
  let service: Moderated
  beforeAll(async () => {
    service = await startModerated(ledgerUrl(), makeEndpoints(), { 'standard-webhooks': { authority: 'appeal' } })
  })
  afterAll(() => service.close())
  let step: Step = (_, work) => work()
  beforeEach(context => {
    step = stepsOf(context)
  })

  /** Everything arrives in this order, each twice; a replay is the machine's block once more. */
  const arrive = (content: string, order: readonly (Judgement | typeof replay)[]) =>
    step('arrive', () => arriveIn(content, order))
  const arriveIn = async (content: string, order: readonly (Judgement | typeof replay)[]) => {
    const source = 'standard-webhooks'
    const { secret = {} } = service.endpoints[source] ?? {}
    const signed = new Map(
      [machineBlock, humanPass, humanBlock, appealAccepted, machinePass].map(({ age, ...data }) => {
        const timestamp = new Date(Date.now() - age * 1000).toISOString()
        const text = JSON.stringify({ type: 'moderation.verdict', timestamp, data: { content, ...data } })
        return [age, signerOf(source).sign(text, secret)]
      }),
    )
    for (const item of order) {
      const sent = signed.get(item === replay ? machineBlock.age : item.age)
      if (sent === undefined) throw new Error('not signed')
      const replies = await Promise.all([service.deliver(source, sent), service.deliver(source, sent)])
      expect(replies.map(({ status }) => status)).toEqual([200, 200])
    }
  }
  const register = async (pushId: string, content: string) =>
    (await step('register', () => service.push(content, pushId))).body.recall

  it('ends the same in every order, where the last word is a pass', async () => {
    const orders = permutations([machineBlock, humanPass, humanBlock, appealAccepted, replay] as const)
    expect(orders).toHaveLength(120)
    for (const [index, order] of taken(orders)) {
      const content = `p${index}`
      await register(`10${index}`, content)
      await arrive(content, order)
      const verdicts = await service.verdicts(`content=${content}`)
      expect(verdicts).toHaveLength(4)
      // whatever was taken back before the last word came is known to have been wrong, and nothing else happens
      const recalls = new Set(verdicts.flatMap(({ recalls }) => recalls))
      const appeal = verdicts.find(({ by }) => by === 'appeal')
      expect(recalls.size).toBeLessThanOrEqual(1)
      expect(appeal).toMatchObject({ state: 'recorded', overturns: [...recalls] })
      const blocks = verdicts.filter(({ verdict }) => verdict === 'block').map(({ state }) => state)
      expect(blocks.filter(state => state !== 'overturned' && state !== 'outranked')).toEqual([])
      expect(await register(`20${index}`, content)).toBeNull()
    }
  })

  it('ends the same in every order, where the last word is a block', async () => {
    const orders = permutations([machineBlock, humanPass, humanBlock, machinePass, replay] as const)
    for (const [index, order] of taken(orders)) {
      const content = `b${index}`
      await register(`30${index}`, content)
      await arrive(content, order)
      const verdicts = await service.verdicts(`content=${content}`)
      expect(new Set(verdicts.flatMap(({ recalls }) => recalls)).size).toBe(1)
      expect(verdicts.find(({ by, verdict }) => by === 'human' && verdict === 'block')?.state).toBe('recalled')
      expect(verdicts.map(({ state }) => state)).not.toContain('overturned')
      expect(await register(`40${index}`, content)).not.toBeNull()
    }
  })

  it('decides the same for a message that comes after all of them', async () => {
    // every fifth, or twentieth: these last words have been seen to hold above
    const sampled = (_: unknown, index: number) => index % (soak ? 5 : 20) === 0
    const passed = permutations([machineBlock, humanPass, humanBlock, appealAccepted, replay] as const).filter(sampled)
    const blocked = permutations([machineBlock, humanPass, humanBlock, machinePass, replay] as const).filter(sampled)
    for (const [index, order] of passed.entries()) {
      await arrive(`late-p${index}`, order)
      expect(await register(`50${index}`, `late-p${index}`)).toBeNull()
    }
    for (const [index, order] of blocked.entries()) {
      await arrive(`late-b${index}`, order)
      expect(await register(`60${index}`, `late-b${index}`)).not.toBeNull()
    }
  })

  it('holds when all of them arrive at once', async () => {
    for (let i = 0; i < (soak ? 20 : 8); i++) {
      const content = `race${i}`
      await register(`70${i}`, content)
      await Promise.all([machineBlock, humanPass, humanBlock, machinePass].map(one => arrive(content, [one])))
      const recalls = (await service.verdicts(`content=${content}`)).flatMap(({ recalls }) => recalls)
      expect(new Set(recalls).size).toBe(1)
    }
  })
}

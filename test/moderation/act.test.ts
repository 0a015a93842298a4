/** Two who act on one verdict at once, each of whom has seen something that the other has not. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readFacts } from '../../shared/ledger/facts.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { actOnVerdicts } from '../../shared/moderation/act.ts'
import { type Moderated, startModerated } from './moderated-service.ts'

let service: Moderated
beforeAll(async () => {
  service = await startModerated()
})
afterAll(() => service.close())

/** A message whose registration died before it looked for verdicts. */
async function register(id: string, content: string): Promise<void> {
  await service.gateway.runtime.ledger.query(
    `insert into message (id, digest, contents, registered_by, owner) values ('${id}', '', array['${content}'], 'key:x', 'key:x')`,
  )
}

/** A ledger whose statement of facts goes through `answer`. */
function answering(ledger: Ledger, answer: (ask: () => Promise<unknown[]>) => Promise<unknown[]>): Ledger {
  return {
    ...ledger,
    query: async <Row>(...order: Parameters<Ledger['query']>) => {
      const ask = () => ledger.query<Row>(...order)
      return order[0].startsWith('\nwith asked as materialized') ? ((await answer(ask)) as Row[]) : ask()
    },
  }
}

it('leaves no message to the recall of somebody who did not see it', async () => {
  const runtime = { ...service.gateway.runtime, kick: null }
  await service.judge({ content: 'seen', verdict: 'block' })
  await register('m-1', 'seen')
  let early: unknown[] = []
  await readFacts(
    answering(runtime.ledger, async ask => (early = await ask())),
    [{ subject: { content: 'seen' }, caller: { id: 'key:x', person: null, owner: 'key:x', grant: null } }],
  )
  await register('m-2', 'seen')
  let others = 0
  const ledger = answering(runtime.ledger, async ask => {
    // the other one, who looked before the second message came, is faster by a little
    if (others++ === 0)
      await actOnVerdicts({ ...runtime, ledger: answering(runtime.ledger, async () => early) }, ['seen'])
    return ask()
  })
  await actOnVerdicts({ ...runtime, ledger }, ['seen'])
  expect(others).toBeGreaterThan(1)
  const recalls = await Promise.all(
    ['m-1', 'm-2'].map(async id => (await service.call('GET', `/v1/messages/${id}`)).body.recall?.id),
  )
  expect(recalls).toEqual([expect.stringMatching(/^rcl_/), expect.stringMatching(/^rcl_/)])
  expect(recalls[0]).not.toBe(recalls[1])
  expect(await service.verdicts('content=seen')).toMatchObject([{ state: 'recalled', messages: 2 }])
})

it('falls back to each message alone where all at once fail, and goes on with the other verdicts', async () => {
  const runtime = { ...service.gateway.runtime, kick: null }
  await service.say('tencent-ams', { content: 'one', verdict: 'block' })
  await service.say('tencent-ams', { content: 'two', verdict: 'block' })
  await register('n-1', 'one')
  await register('n-2', 'two')
  let asked = 0
  const ledger = answering(runtime.ledger, async ask => {
    if (asked++ < 2) throw new Error('no facts')
    return ask()
  })
  // all messages of the first content, then its one message: the second content goes on
  expect(await actOnVerdicts({ ...runtime, ledger }, ['one', 'two'])).toHaveLength(1)
  expect(await actOnVerdicts(runtime, ['one', 'two'])).toHaveLength(1)
  const states = (await service.verdicts()).map(({ content, state }) => [content, state])
  expect(states).toEqual(
    expect.arrayContaining([
      ['one', 'recalled'],
      ['two', 'recalled'],
    ]),
  )
})

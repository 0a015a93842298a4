/**
 * Sources whose callbacks nobody signs: what their own APIs answer, with everything odd in every member. What blocks acts, or
 * is kept with the reason.
 */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sample } from './genuine.ts'
import { makeEndpoints, type Moderated, startModerated } from './moderated-service.ts'
import { type QueryApi, startHuawei, startTencentCi } from './pull-stand-ins.ts'
import { signerOf } from './subjects.ts'
import { choicesOf, odds, optionalOf, variationOf } from './variations.ts'

const seed = Date.now() % 2 ** 31
console.log(`variation of answers: seed ${seed}`)
const numRuns = process.env['UNPUSH_TEST_SOAK'] === 'on' ? 400 : 44

let service: Moderated
let apis: { readonly [source: string]: QueryApi }
/** What the APIs answer about a job. */
const answers = new Map<string, string>()
beforeAll(async () => {
  apis = { 'tencent-ci': await startTencentCi(), 'huawei-moderation': await startHuawei() }
  const made = makeEndpoints()
  const documents = Object.entries(apis).map(([source, api]) => {
    api.faulty = job => ({ status: answers.has(job) ? 200 : 404, body: answers.get(job) ?? '' })
    return [source, { secret: { ...made[source]?.secret, pull: api.pull }, contentPrefix: 'p:' }] as const
  })
  const endpoints = Object.fromEntries(Object.entries(made).filter(([source]) => source in apis))
  service = await startModerated('pglite:memory', endpoints, Object.fromEntries(documents))
})
afterAll(async () => {
  await service.close()
  for (const api of Object.values(apis)) await api.close()
})

interface Asked {
  readonly job: string
  /** That the answer blocks. */
  readonly content: string
  readonly body: string
  readonly told: string
}

/** Has all of them asked about, until each has acted, or (where it may) is kept as unreadable. Resolves with what is left. */
async function ask(source: string, all: readonly Asked[], mayBeKept: boolean): Promise<string[]> {
  const { ledger } = service.gateway.runtime
  for (const { job, body } of all) answers.set(job, body)
  for (let at = 0; at < all.length; at += 100) {
    const pushId = String(1e6 + (await ledger.query('select id from message')).length)
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
    const contents = all.slice(at, at + 100).map(({ content }) => `p:${content}`)
    const targets = [{ app: 'news-android', pushId, audience: 'all' }]
    expect((await service.call('POST', '/v1/messages', { contents, targets })).status).toBe(201)
  }
  for (const { job, content } of all) {
    const signer = signerOf(source)
    // of Tencent the job is named beside the content, of Huawei it is the content
    const text = signer.write({ content, verdict: 'pass' }).replace(/"JobId":"[^"]*"/, `"JobId":"${job}"`)
    const sent = signer.sign(text, service.endpoints[source]?.secret ?? {})
    expect((await service.deliver(source, sent)).status).toBe(200)
  }
  await service.gateway.fire('sweep')
  const endpoint = service.endpoints[source]?.id ?? ''
  const left = async () => {
    const recalled = await ledger.query<{ content: string }>(
      'select v.content from verdict v join verdict_effect e on e.verdict_id = v.id where e.recall_id is not null',
    )
    const unread = await ledger.query<{ job: string; problem: string }>(
      'select job, problem from pull where problem is not null and endpoint = $1::text',
      [endpoint],
    )
    const done = new Set(recalled.map(({ content }) => content))
    const kept = new Set(mayBeKept ? unread.map(({ job }) => job) : [])
    return all.filter(({ job, content }) => !done.has(`p:${content}`) && !kept.has(job)).map(({ told }) => told)
  }
  // runs that were called meanwhile may be at it still
  await expect.poll(left).toEqual([])
  const problems = (text: string) => ledger.query<{ problem: string }>(text, [endpoint])
  // one for each job, in the words of its question
  const kept = await problems(`select problem from verdict where fault = 'unreadable' and endpoint = $1::text`)
  const asked = await problems('select problem from pull where problem is not null and endpoint = $1::text')
  expect(kept.map(({ problem }) => problem).sort()).toEqual(
    asked.map(({ problem }) => `It is genuine and cannot be read: ${problem}.`).sort(),
  )
  return left()
}

/** The same for elements of XML. */
const xmlOdds: readonly { readonly name: string; readonly write: (element: string) => string }[] = [
  { name: 'absent', write: () => '' },
  { name: 'empty', write: element => `<${element}/>` },
  { name: 'blank', write: element => `<${element}> \n </${element}>` },
  { name: 'a word', write: element => `<${element}>constructor</${element}>` },
  { name: 'a number of 400 digits', write: element => `<${element}>${'9'.repeat(400)}</${element}>` },
  { name: 'a number beyond all', write: element => `<${element}>1e999</${element}>` },
  { name: 'hostile text', write: element => `<${element}>&#0;&#xD83D;\u0007\u202e&lt;/a&gt;'--</${element}>` },
  { name: 'CDATA', write: element => `<${element}><![CDATA[<Result>0</Result>\ufffe]]></${element}>` },
  { name: 'a huge text', write: element => `<${element}>${'撤'.repeat(100_000)}</${element}>` },
  { name: 'attributes', write: element => `<${element} a="1" b="&#x1;"/>` },
  { name: 'children', write: element => `<${element}><Result>0</Result><State>Failed</State></${element}>` },
  { name: 'deep', write: element => `<${element}>${'<a>'.repeat(3000)}${'</a>'.repeat(3000)}</${element}>` },
  { name: 'many', write: element => `<${element}><Text>x</Text></${element}>`.repeat(3000) },
]

const jobs = { next: 20_000_000 }

describe('tencent-ci', () => {
  const members: { readonly [element: string]: string } = {
    Code: 'Success',
    Message: 'Success',
    JobId: '',
    State: 'Success',
    CreationTime: '2026-11-29T08:00:00+08:00',
    DataId: '',
    Label: 'Ads',
    SubLabel: 'x',
    Result: '1',
    SectionCount: '1',
    Section: '<Label>Normal</Label><Result>0</Result>',
  }
  const write = (
    job: string,
    dataId: string,
    odd: ReadonlyMap<string, (element: string) => string>,
    beside: string,
  ) => {
    const own: { readonly [element: string]: string } = { JobId: job, DataId: dataId }
    const children = Object.entries(members).map(
      ([element, text]) => odd.get(element)?.(element) ?? `<${element}>${own[element] ?? text}</${element}>`,
    )
    return `<?xml version="1.0"?><Response>${beside}<JobsDetail>${children.join('\n')}${beside}</JobsDetail></Response>`
  }
  const optional = Object.keys(members).filter(element => !['Result', 'DataId'].includes(element))
  const choice = fc.record({
    odd: fc.array(fc.tuple(fc.constantFrom(...optional), fc.constantFrom(...xmlOdds)), { minLength: 1, maxLength: 3 }),
    beside: fc.constantFrom('', ...xmlOdds.map(({ write: element }) => element('Unknown'))),
    state: fc.constantFrom('Success', 'SUCCESS', 'success'),
  })

  it('acts, whatever stands in the members that are not the verdict', async () => {
    const asked = fc.sample(choice, { numRuns, seed }).map(({ odd, beside, state }): Asked => {
      const [job, dataId] = [`st${randomUUID().replaceAll('-', '')}`, String(jobs.next++)]
      // an id of a job that is not this one's is an answer to another question
      const changes = odd.filter(([element, { name }]) => element !== 'JobId' || ['absent', 'empty'].includes(name))
      const writers = new Map(changes.map(([element, { write: writer }]) => [element, writer]))
      const body = write(job, dataId, writers, beside).replace('<State>Success<', `<State>${state}<`)
      return {
        job,
        content: dataId,
        body,
        told: changes.map(([element, { name }]) => `${element}: ${name}`).join(' · '),
      }
    })
    // as many frames as a long video has
    const [job, dataId] = [`av${randomUUID().replaceAll('-', '')}`, String(jobs.next++)]
    const frames = '<Snapshot><Url>https://example.com/1.jpg</Url><Text>撤</Text></Snapshot>'.repeat(22_000)
    asked.push({ job, content: dataId, body: write(job, dataId, new Map(), frames), told: 'frames' })
    expect(await ask('tencent-ci', asked, false)).toEqual([])
  })

  it('leaves a trace, where the odd thing stands in the verdict itself', async () => {
    const asked = ['Result', 'JobId'].flatMap(element =>
      xmlOdds.map(({ name, write: writer }): Asked => {
        const [job, dataId] = [`st${randomUUID().replaceAll('-', '')}`, String(jobs.next++)]
        const body = write(job, dataId, new Map([[element, writer]]), '')
        return { job, content: dataId, body, told: `${element}: ${name}` }
      }),
    )
    expect(await ask('tencent-ci', asked, true)).toEqual([])
  })
})

describe('huawei-moderation', () => {
  const sample: Sample = {
    source: 'huawei-moderation',
    document: {
      job_id: '42',
      status: 'succeeded',
      request_id: 'r',
      create_time: '2026-11-29T08:00:00Z',
      result: { suggestion: 'block', category: 'terrorism', details: [{ suggestion: 'pass', segment: 'x' }] },
    },
    needed: [['job_id'], ['result'], ['result', 'suggestion']],
    ids: [['job_id']],
    words: [['status'], ['result', 'suggestion']],
  }
  const askedOf = ({ json, told }: { json: string; told: string }, id: number): Asked => {
    return { job: String(id), content: String(id), body: json, told }
  }

  it('acts, whatever stands in the members that are not the verdict', async () => {
    const choices = fc.sample(choicesOf(optionalOf(sample.document, sample.needed)), { numRuns, seed })
    const asked = choices.map(choice => {
      const id = jobs.next++
      return askedOf(variationOf(sample, choice, id), id)
    })
    expect(await ask('huawei-moderation', asked, false)).toEqual([])
  })

  it('leaves a trace, where the odd thing stands in the verdict itself', async () => {
    const asIs = { asNumbers: false, asTexts: false, letters: 'as it is', stranger: null } as const
    const asked = sample.needed.flatMap(path =>
      odds.map(odd => {
        const id = jobs.next++
        return askedOf(variationOf(sample, { ...asIs, changes: [{ path, odd }] }, id), id)
      }),
    )
    expect(await ask('huawei-moderation', asked, true)).toEqual([])
  })
})

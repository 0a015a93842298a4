/** Sources whose word nobody signs: what they say is asked for, and acts only then. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { soak } from '../support/figures.ts'
import { makeEndpoints, type Moderated, startModerated } from './moderated-service.ts'
import { type QueryApi, startHuawei, startTencentCi } from './pull-stand-ins.ts'
import { signerOf } from './subjects.ts'

const jobOf = () => `st${randomUUID().replaceAll('-', '')}`

let api: QueryApi
let service: Moderated
afterEach(async () => {
  await service.close()
  await api.close()
})

async function start(source: 'tencent-ci' | 'huawei-moderation', more: object = {}): Promise<void> {
  api = await (source === 'tencent-ci' ? startTencentCi() : startHuawei())
  const made = makeEndpoints()
  const { id = '', secret = {} } = made[source] ?? {}
  service = await startModerated(
    'pglite:memory',
    { [source]: { id, secret } },
    {
      [source]: { secret: { ...secret, pull: api.pull }, contentPrefix: 'p:', ...more },
    },
    { 'unpush/webhooks/e_broken': { source: 'tencent-ci', secret: { pull: { secretId: 1 } }, policy: {} } },
  )
}

/** A callback that says this of a job, whoever wrote it. */
const callback = (job: string, dataId: string, result: number) =>
  service.deliver(
    'tencent-ci',
    signerOf('tencent-ci').sign(
      JSON.stringify({
        EventName: 'ReviewText',
        JobsDetail: { JobId: job, DataId: dataId, State: 'Success', Label: 'Ads', Result: result },
      }),
      service.endpoints['tencent-ci']?.secret ?? {},
    ),
  )
const sweep = () => service.gateway.fire('sweep')
const idle = async () => {
  await sweep()
  await sweep()
}

/** All jobs have their first answer, by whichever run: the one that a callback asked for may still be at it. */
const answered = async (jobs: number) => {
  const { ledger } = service.gateway.runtime
  await expect.poll(() => ledger.query('select from pull where tries = 1 and lease_until is null')).toHaveLength(jobs)
}

/** Once there is one: the run that the callback asked for may still be at it. */
const recalled = async () => {
  await expect.poll(() => service.recalls()).not.toEqual([])
  return service.recalls()
}

describe('tencent-ci', () => {
  beforeEach(() => start('tencent-ci'))

  it('acts on the answer to its own question, and on the content that this names', async () => {
    await service.push('p:article:1', '101')
    await service.push('p:article:2', '102')
    const job = jobOf()
    api.jobs.set(job, { state: 'Success', verdict: 'block', dataId: 'article:1' })
    // the callback lies about the content
    expect((await callback(job, 'article:2', 1)).status).toBe(200)
    await idle()
    const [recall] = await recalled()
    expect(api.refused).toEqual([])
    expect(api.asked.map(({ job: asked }) => asked)).toEqual([job])
    expect(recall).toMatchObject({ subject: { content: 'p:article:1' }, operation: 'revoke' })
    // and nothing of what the callback itself said
    expect(await service.verdicts()).toMatchObject([
      { content: 'p:article:1', verdict: 'block', labels: ['Ads & more'], recalls: [recall?.id] },
    ])
  })

  it('does nothing where the answer says that nothing is wrong, or nothing yet', async () => {
    await service.push('p:article:1', '101')
    const [passed, open] = [jobOf(), jobOf()]
    api.jobs.set(passed, { state: 'Success', verdict: 'pass', dataId: 'article:1' })
    api.jobs.set(open, { state: 'Auditing', verdict: 'block', dataId: 'article:1' })
    await callback(passed, 'article:1', 1)
    await callback(open, 'article:1', 1)
    await idle()
    await answered(2)
    expect(api.asked).toHaveLength(2)
    expect(await service.recalls()).toEqual([])
    // half a minute later it is asked again, and then it acts
    api.jobs.set(open, { state: 'Success', verdict: 'block', dataId: 'article:1' })
    await sweep()
    expect(api.asked).toHaveLength(2)
    await service.gateway.runtime.ledger.query("update pull set run_at = now() - interval '1 second'")
    await idle()
    expect(await recalled()).toHaveLength(1)
  })

  it('makes of forged callbacks no recall, and at most one question a job in 30 s, 60 in a minute', async () => {
    await service.push('p:article:1', '101')
    const jobs = Array.from({ length: 100 }, jobOf)
    for (let round = 0; round < (soak ? 5 : 2); round++) {
      const replies = await Promise.all(jobs.map(job => callback(job, 'article:2', 1)))
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
      await idle()
    }
    expect(await service.recalls()).toEqual([])
    const asked = api.asked.map(({ job }) => job)
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.length).toBeLessThanOrEqual(60)
    expect(asked.length).toBeGreaterThanOrEqual(50)
    const { ledger } = service.gateway.runtime
    expect(await ledger.query('select job from pull')).toHaveLength(100)
    expect(await ledger.query('select id from verdict')).toEqual([])
  })

  it.each(['../../secrets', 'st', 'x'.repeat(200), 'st0000000000000000000000/../../a', 'zz00000000000000000000'])(
    'asks nothing about a job %s',
    async job => {
      expect((await callback(job, 'article:1', 1)).status).toBe(200)
      await idle()
      expect(api.asked).toEqual([])
      expect(api.refused).toEqual([])
      // the last is a job of no kind that there is
      const detail = 'It is genuine and cannot be read: it names no job that could be asked about.'
      expect((await service.verdicts()).map(verdict => [verdict.state, verdict['detail']])).toEqual(
        job.startsWith('zz') ? [] : [['unreadable', detail]],
      )
    },
  )

  it.each([
    ['a cut connection', () => null],
    ['500', () => ({ status: 500, body: 'oops' })],
    ['no XML', () => ({ status: 200, body: '{"Result":1}' })],
    ['XML with a document type', () => ({ status: 200, body: '<!DOCTYPE a><Response></Response>' })],
    [
      'another job',
      () => ({
        status: 200,
        body: '<Response><JobsDetail><JobId>stother</JobId><State>Success</State><Result>1</Result></JobsDetail></Response>',
      }),
    ],
    [
      'no result',
      (job: string) => ({
        status: 200,
        body: `<Response><JobsDetail><JobId>${job}</JobId><State>Success</State></JobsDetail></Response>`,
      }),
    ],
  ])('asks again later after %s', async (_, faulty) => {
    await service.push('p:article:1', '101')
    const job = jobOf()
    api.faulty = faulty
    await callback(job, 'article:1', 1)
    await idle()
    await answered(1)
    expect(await service.recalls()).toEqual([])
    api.faulty = undefined
    api.jobs.set(job, { state: 'Success', verdict: 'block', dataId: 'article:1' })
    await service.gateway.runtime.ledger.query("update pull set run_at = now() - interval '1 second'")
    await idle()
    expect(await recalled()).toHaveLength(1)
  })

  it('records the others where one answer cannot be recorded, and asks about that one again later', async () => {
    const { ledger } = service.gateway.runtime
    await ledger.script(
      `create function refuse_one() returns trigger language plpgsql as $$
       begin
         if new.content = 'p:bad' then raise exception 'refused'; end if;
         return new;
       end $$;
       create trigger refuse_one before insert on verdict for each row execute function refuse_one()`,
    )
    const jobs = Array.from({ length: 8 }, jobOf)
    for (const [index, job] of jobs.entries()) {
      api.jobs.set(job, { state: 'Success', verdict: 'block', dataId: index === 3 ? 'bad' : `article:${index}` })
      if (index !== 3) await service.push(`p:article:${index}`, String(300 + index))
    }
    for (const job of jobs) await callback(job, 'nobody', 1)
    await idle()
    const taken = async () => (await service.verdicts()).filter(({ recalls: done }) => done.length > 0).length
    await expect.poll(taken).toBe(7)
    const [bad] = await ledger.query<{ state: string; problem: string; later: boolean }>(
      `select state, problem, run_at > now() + interval '20 seconds' as later from pull where job = $1::text`,
      [jobs[3] ?? ''],
    )
    expect(bad).toEqual({ state: 'open', problem: 'Its answer could not be recorded.', later: true })
    expect(await ledger.query("select count(*) as n from pull where state = 'done'")).toEqual([{ n: 7 }])
  })

  it('goes on with the others where the document of one endpoint is broken', async () => {
    const { ledger } = service.gateway.runtime
    await service.push('p:article:1', '101')
    // as it was left by an endpoint that was in order then
    await ledger.query("insert into pull (endpoint, job) values ('e_gone', 'st1')")
    await ledger.query("insert into pull (endpoint, job) values ('e_broken', 'st1')")
    const job = jobOf()
    api.jobs.set(job, { state: 'Success', verdict: 'block', dataId: 'article:1' })
    await callback(job, 'article:1', 1)
    await idle()
    expect(await recalled()).toHaveLength(1)
    expect(service.logged.filter(line => line.includes('endpoint cannot be used')).join()).toContain('e_broken')
  })

  it('finds all decided jobs whose callbacks were lost, in one run', async () => {
    const many = soak ? 500 : 200
    const { ledger } = service.gateway.runtime
    const jobs = Array.from({ length: many }, jobOf)
    for (const [index, job] of jobs.entries())
      api.jobs.set(job, { state: 'Success', verdict: index % 10 === 0 ? 'block' : 'pass' })
    await ledger.query(
      `with messages as (
         insert into message (id, digest, contents, registered_by, owner, created_at)
         select 'lost-' || j, 'd', array['p:' || j], 'key:test', 'key:test', now() - interval '10 minutes'
         from json_array_elements_text($1::text::json) j returning id
       )
       insert into target (message_id, position, app, provider, handle)
       select id, 0, 'news-harmony', 'huawei', (1000 + row_number() over ())::text from messages`,
      [JSON.stringify(jobs)],
    )
    await sweep()
    const count = async (from: string) => (await ledger.query<{ n: number }>(`select count(*) as n from ${from}`))[0]?.n
    // the first recall calls another run, which takes its share and may be at it still
    await expect.poll(() => count("verdict where tier = 'C' and severity is not null")).toBe(many)
    expect(api.asked.map(({ job }) => job).sort()).toEqual([...jobs].sort())
    await expect.poll(() => count('recall')).toBe(many / 10)
  })
})

describe('huawei-moderation', () => {
  beforeEach(() => start('huawei-moderation'))

  it('acts on the answer, of whatever kind the job is', async () => {
    const job = randomUUID()
    await service.push(`p:${job}`, '101')
    api.jobs.set(job, { state: 'succeeded', verdict: 'block' })
    await service.say('huawei-moderation', { content: job, verdict: 'pass' })
    await idle()
    expect(api.refused).toEqual([])
    expect(await recalled()).toMatchObject([{ subject: { content: `p:${job}` } }])
  })

  it('never asks for who did not sign the job', async () => {
    const { id = '' } = service.endpoints['huawei-moderation'] ?? {}
    const signer = signerOf('huawei-moderation')
    const { urlSecret = '' } = service.endpoints['huawei-moderation']?.secret ?? {}
    const forged = signer.sign(signer.write({ content: randomUUID(), verdict: 'block' }), {
      seed: 'another',
      urlSecret,
    })
    expect((await service.deliver('huawei-moderation', forged)).status).toBe(401)
    await idle()
    expect(id).not.toBe('')
    expect(api.asked).toEqual([])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

interface Answer {
  readonly sources: readonly { readonly source: string }[]
  readonly status: number
  readonly curl: string
}

const ask = async (method: string, path: string, sent?: object) => {
  const reply = await fetch(`${service.url}/_sandbox${path}`, {
    method,
    ...(sent !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent) }),
  })
  const body = (await reply.json()) as Answer
  return { status: reply.status, body }
}

describe('the moderation systems of the sandbox', () => {
  it('are all there are, each with an endpoint', async () => {
    const { body } = await ask('GET', '/verdict')
    expect(body.sources).toHaveLength(11)
    expect(body.sources).toContainEqual({ source: 'ishumei', endpoint: 'demo-ishumei', tier: 'B' })
    expect(body).toMatchObject({ content: null, campaigns: false })
  })

  it('each deliver what their endpoint takes, and never their secret', async () => {
    const { body } = await ask('GET', '/verdict')
    for (const { source } of body.sources) {
      const delivered = await ask('POST', '/verdict', { source, content: `article:${source}`, verdict: 'block' })
      expect(delivered.body.status, source).toBe(200)
      expect(delivered.body.curl).toMatch(new RegExp(`/v1/webhooks/demo-${source}(?:\\?key=[0-9a-f]{36})?'$`))
    }
    const { body: verdicts } = await service.call('GET', '/v1/verdicts?limit=100')
    expect(verdicts.items).toHaveLength(11)
    const secrets = JSON.stringify(service.sandbox.secrets(service.url))
    const { body: said } = await ask('POST', '/verdict', { source: 'getstream', content: 'a', verdict: 'pass' })
    const { apiSecret } = JSON.parse(secrets)['unpush/webhooks/demo-getstream'].secret
    expect(JSON.stringify(said)).not.toContain(apiSecret)
  })

  it('say what is wrong with a request', async () => {
    expect(await ask('POST', '/verdict', { source: 'nobody', content: 'a', verdict: 'block' })).toMatchObject({
      status: 404,
    })
    expect(await ask('POST', '/verdict', { source: 'ishumei', content: 'a', verdict: 'perhaps' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/verdict' }] },
    })
    expect((await ask('POST', '/campaigns', {})).status).toBe(404)
  })
})

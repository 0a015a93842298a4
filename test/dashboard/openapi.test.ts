import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildOpenApi, openApiFile, openApiText } from '../../dashboard/openapi.ts'
import { functions } from '../../shared/functions.ts'
import { type Service, startService } from '../support/service.ts'

interface Document {
  readonly paths: {
    readonly [path: string]: {
      readonly [method: string]: {
        readonly requestBody?: {
          readonly content: { readonly 'application/json': { readonly schema: object; readonly example?: unknown } }
        }
      }
    }
  }
  readonly components: { readonly schemas: { readonly [name: string]: object } }
}
const document = buildOpenApi() as Document

/** Answers as the document describes them. */
const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'unpush', components: document.components })
const conforms = (schema: object, value: unknown) => {
  const local = JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'unpush#/components'))
  const valid = ajv.validate(local, value)
  return valid ? [] : ajv.errors
}

describe('the OpenAPI document', () => {
  it('is the one committed: npm run openapi', async () => {
    expect(await readFile(openApiFile, 'utf8')).toBe(openApiText())
  })
  it('has the routes of the function table, no more and no fewer', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    const routed = Object.values(functions).flatMap(({ routes }) =>
      routes.map(({ method, path }) => `${method} ${path}`),
    )
    expect(described.sort()).toEqual(routed.sort())
  })
  it('takes its own examples', () => {
    const bodies = Object.values(document.paths).flatMap(methods =>
      Object.values(methods).flatMap(({ requestBody }) => requestBody?.content['application/json'] ?? []),
    )
    const examples = bodies.filter(({ example }) => example !== undefined)
    expect(examples.length).toBeGreaterThan(4)
    expect(examples.flatMap(({ schema, example }) => conforms(schema, example))).toEqual([])
  })
})

describe('real answers', () => {
  let service: Service
  beforeAll(async () => {
    service = await startService()
  })
  afterAll(() => service.close())

  it('are as described', async () => {
    const { sandbox } = service
    sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId: '1' })
    const targets = [
      { app: 'news-android', pushId: '1' },
      { app: 'news-harmony', notifyId: 1, tokens: sandbox.harmonyTokens().slice(0, 3) },
    ]
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const message = await service.call('POST', '/v1/messages', { id: 'm', targets })
    expect(conforms(ref('Message'), message.body)).toEqual([])
    expect(
      conforms(ref('DryRun'), (await service.call('POST', '/v1/revoke', { message: 'm', dryRun: true })).body),
    ).toEqual([])
    expect(
      conforms(
        ref('Recall'),
        (await service.call('POST', '/v1/revoke', { message: 'm', reason: 'r' }, { headers: { prefer: 'wait=5' } }))
          .body,
      ),
    ).toEqual([])
    expect(conforms(ref('RecallList'), (await service.call('GET', '/v1/recalls')).body)).toEqual([])
    expect(conforms(ref('MessageList'), (await service.call('GET', '/v1/messages')).body)).toEqual([])
    expect(conforms(ref('Status'), (await service.call('GET', '/v1/status?app=news-android&pushId=1')).body)).toEqual(
      [],
    )
    expect(conforms(ref('Capabilities'), (await service.call('GET', '/v1/capabilities')).body)).toEqual([])
    expect(conforms(ref('Problem'), (await service.call('POST', '/v1/revoke', {})).body)).toEqual([])
    const ready = await service.call('GET', '/readyz', undefined, { role: null })
    expect([ready.status, conforms(ref('Health'), ready.body)]).toEqual([200, []])
    expect((await service.call('GET', '/openapi.json', undefined, { role: null })).body).toEqual(document)
  })
  it('turn red when sweep has been silent for over three minutes', async () => {
    const { ledger } = service.gateway.runtime
    await ledger.query("update pulse set at = now() - interval '181 seconds'")
    const ready = await service.call('GET', '/readyz', undefined, { role: null })
    expect([ready.status, ready.body.checks.sweep.ok]).toEqual([503, false])
    await fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
    expect((await service.call('GET', '/readyz', undefined, { role: null })).status).toBe(200)
    expect((await service.call('GET', '/livez', undefined, { role: null })).body).toEqual({ status: 'ok' })
  })
  it('page through lists without loss or repeat', async () => {
    for (let i = 0; i < 7; i++) await service.call('POST', '/v1/messages', { id: `page-${i}` })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { body }: { body: { items: { id: string }[]; nextCursor: string | null } } = await service.call(
        'GET',
        `/v1/messages?limit=2&q=page-${cursor === null ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...body.items.map(({ id }) => id))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map(i => `page-${i}`))
  })
})

/** What no HTTP client can send and a platform's event can hold: text in it is JSON's, half surrogate pairs and U+0000 included. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main_handler as messages } from '../../functions/messages.ts'
import { main_handler as recalls } from '../../functions/recalls.ts'
import { main_handler as revoke } from '../../functions/revoke.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

const hostile = ['\0', 'a\0', '\ud800', 'a\udfff', '\ufffd', '\u202e', '..', '/', '%', '%00', '%ed%a0%80']

interface Sent {
  readonly method: string
  readonly path: string
  readonly query?: { readonly [name: string]: string }
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
}

const dialects = {
  'Function URL of SCF': ({ method, path, query = {}, headers = {}, body = '' }: Sent) => ({
    httpMethod: method,
    path,
    queryString: query,
    headers,
    body,
  }),
  'REST API of AWS': ({ method, path, query = {}, headers = {}, body = '' }: Sent) => ({
    version: '1.0',
    resource: '/{proxy+}',
    httpMethod: method,
    path,
    queryStringParameters: query,
    headers,
    body,
  }),
  'HTTP API of AWS': ({ method, path, query = {}, headers = {}, body = '' }: Sent) => ({
    version: '2.0',
    rawPath: path,
    queryStringParameters: query,
    requestContext: { http: { method } },
    headers,
    body,
  }),
} as const

describe.each(Object.entries(dialects))('an event of a %s', (_name, write) => {
  async function statusOf(handler: typeof messages, sent: Sent): Promise<number> {
    const headers = { authorization: `Bearer ${service.keys.operator}`, ...sent.headers }
    const answer = await handler(write({ ...sent, headers }), { getRemainingTimeInMillis: () => 9000, request_id: '1' })
    return (answer as { statusCode: number }).statusCode
  }

  it('with hostile text in its path is 404', async () => {
    for (const text of hostile) {
      expect([text, await statusOf(messages, { method: 'GET', path: `/v1/messages/${text}` })]).toEqual([text, 404])
      expect([text, await statusOf(recalls, { method: 'GET', path: `/v1/recalls/${text}` })]).toEqual([text, 404])
      const cancel = { method: 'POST', path: `/v1/recalls/rcl_${text}/cancel` }
      expect([text, await statusOf(recalls, cancel)]).toEqual([text, 404])
    }
  })

  it('with hostile text in its query or body is 400, or finds nothing', async () => {
    for (const text of hostile) {
      const storable = text.isWellFormed() && !text.includes('\0')
      for (const name of ['q', 'content', 'cursor', 'app', 'from', 'limit', text]) {
        const status = await statusOf(messages, { method: 'GET', path: '/v1/messages', query: { [name]: text } })
        // half of a pair is U+FFFD by then, which is text as any other
        const fits = !text.includes('\0') && (name === 'q' || (name === 'content' && text !== '\u202e'))
        expect([name, text, status]).toEqual([name, text, fits ? 200 : 400])
      }
      const headers = { 'content-type': 'application/json' }
      const sent = { method: 'POST', path: '/v1/revoke', headers }
      const body = JSON.stringify({ content: text, reason: text })
      expect([text, await statusOf(revoke, { ...sent, body })]).toEqual([
        text,
        storable && text !== '\u202e' ? 404 : 400,
      ])
      expect(await statusOf(revoke, { ...sent, body: text })).toBe(400)
      const keyed = { ...sent, headers: { ...headers, 'idempotency-key': `${text} ` }, body }
      expect(await statusOf(revoke, keyed)).toBe(400)
    }
  })
})

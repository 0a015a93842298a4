import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fcm } from '../../../shared/providers/fcm/index.ts'
import { fcmLogin } from '../../../shared/providers/fcm/login.ts'
import { fakeSend, received } from '../fake-send.ts'
import { at, credentials, document, keys, pemOf, serviceAccount, verifyAssertion } from './app.ts'
import { openCredentials } from '../subject.ts'

/** A minute later: the vendor's clock may be behind ours. */
const now = () => at + 60_000
const yes = '{"access_token":"ya29.c.made","expires_in":3599,"token_type":"Bearer"}'

async function logIn(reply = received(yes), own = credentials) {
  const { send, sent } = fakeSend(reply)
  const opened = await fcmLogin.open({ credentials: own, send, timeoutMs: 1000, now })
  const form = new URLSearchParams(String(sent[0]?.body))
  return { opened, sent, sending: sent[0], form, assertion: form.get('assertion') ?? '' }
}

describe('the login of FCM', () => {
  it('signs exactly what the documents show', async () => {
    const { sending, form, assertion } = await logIn()
    expect(sending).toMatchObject({
      method: 'POST',
      url: 'https://oauth2.googleapis.com/token',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    })
    expect(String(sending?.body)).toMatch(
      /^grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=[\w.-]+$/,
    )
    expect([...form.keys()]).toEqual(['grant_type', 'assertion'])
    const input = assertion.slice(0, assertion.lastIndexOf('.'))
    expect(input).toHaveLength(359)
    expect(createHash('sha256').update(input).digest('hex')).toBe(
      'ce7c30d5640f7aa612576c3849c14c56bbbb6b962a11d00c6c1e740dd6ea9dc6',
    )
    await verifyAssertion(assertion, at)
  })

  it('asks the endpoint, and signs for Google', async () => {
    const own = openCredentials(fcm, { ...document, endpoint: 'http://127.0.0.1:9/fcm/' })
    const { sending, assertion } = await logIn(received(yes), own)
    expect(sending?.url).toBe('http://127.0.0.1:9/fcm/token')
    await verifyAssertion(assertion, at)
  })

  it('names no key where the file names none', async () => {
    const { private_key_id: _, type: __, ...file } = serviceAccount
    const own = openCredentials(fcm, { ...document, serviceAccount: file })
    const { assertion } = await logIn(received(yes), own)
    expect(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString()).toBe('{"alg":"RS256","typ":"JWT"}')
  })

  it('is good until five minutes before it ends', async () => {
    expect((await logIn()).opened).toEqual({
      session: { value: 'ya29.c.made', freshUntilMs: now() + 3_299_000 },
    })
    const short = received('{"access_token":"a","expires_in":60,"token_type":"bearer"}')
    expect((await logIn(short)).opened).toEqual({ session: { value: 'a', freshUntilMs: now() + 30_000 } })
  })

  it.each([
    ['invalid_grant', 'Invalid JWT Signature.'],
    ['invalid_grant', 'Invalid JWT: Failed audience check.'],
    ['invalid_grant', 'Invalid grant: account not found'],
    ['invalid_scope', 'Invalid OAuth scope or ID token audience provided.'],
    ['invalid_request', 'Bad Request'],
    ['disabled_client', 'The OAuth client was disabled.'],
  ])('is not taken: %s, %s', async (error, error_description) => {
    const { opened } = await logIn(received(JSON.stringify({ error, error_description }), 400))
    expect(opened).toEqual({
      outcome: {
        kind: 'auth',
        vendor: { code: error, message: error_description, requestId: null, httpStatus: 400 },
      },
    })
  })

  it.each<[number, string, string]>([
    [500, '{"error":"internal_failure"}', 'unknown'],
    [503, '', 'unknown'],
    [429, '{"error":"rate_limit_exceeded"}', 'throttled'],
    [403, '<html></html>', 'auth'],
    [404, '<html></html>', 'refused'],
    [302, '', 'unknown'],
  ])('HTTP %i %s is %s', async (status, text, kind) => {
    expect((await logIn(received(text, status))).opened).toMatchObject({ outcome: { kind } })
  })

  it('is not known of where no reply came', async () => {
    const { send } = fakeSend({ failure: 'timeout', detail: 'no reply within 1000 ms' })
    const opened = await fcmLogin.open({ credentials, send, timeoutMs: 1000, now })
    expect(opened).toMatchObject({ outcome: { kind: 'unknown' } })
  })

  const good = JSON.parse(yes) as { readonly [member: string]: unknown }
  const changed: readonly [what: string, text: string][] = [
    ...Object.keys(good).flatMap(name =>
      [undefined, null, true, 1.5, -1, '', [], {}, [good[name]], 'a b', 'a\r\nx: y'].map((value): [string, string] => [
        `${name}: ${JSON.stringify(value)}`,
        JSON.stringify({ ...good, [name]: value }),
      ]),
    ),
    ...Array.from({ length: yes.length - 1 }, (_, end): [string, string] => [`cut after ${end}`, yes.slice(0, end)]),
    ['in a list', `[${yes}]`],
    ['twice', yes + yes],
    ['in HTML', `<p>${yes}</p>`],
    ['beside an error', JSON.stringify({ ...good, error: 'invalid_grant' })],
  ]
  it(`takes none of ${changed.length} other replies for a yes`, async () => {
    for (const [what, text] of changed) {
      const { opened } = await logIn(received(text))
      expect([what, opened]).toEqual([what, { outcome: expect.objectContaining({ kind: 'unknown' }) }])
    }
  })

  it('keeps nothing of the assertion, whatever the reply echoes', async () => {
    const { send } = fakeSend(({ body }) => {
      const assertion = new URLSearchParams(String(body)).get('assertion') ?? ''
      return received(JSON.stringify({ error: 'invalid_grant', error_description: `not ${assertion}` }), 400)
    })
    const opened = await fcmLogin.open({ credentials, send, timeoutMs: 1000, now })
    expect(JSON.stringify(opened)).not.toMatch(/[\w-]{30,}/)
  })

  it('is shared by apps of one account, however their key is written, and by no others', () => {
    const other = (file: object, more: object = {}) =>
      openCredentials(fcm, { ...document, ...more, serviceAccount: { ...serviceAccount, ...file } })
    const spelled = other({ private_key: pemOf(keys.privateKey, 'pkcs1').replaceAll('\n', '\\n') })
    expect(fcmLogin.id(spelled)).toBe(fcmLogin.id(credentials))
    expect(fcmLogin.secret(spelled)).toBe(fcmLogin.secret(credentials))
    expect(fcmLogin.id(other({ client_email: 'b@demo-project.iam.gserviceaccount.com' }))).not.toBe(
      fcmLogin.id(credentials),
    )
    expect(fcmLogin.id(other({}, { endpoint: 'http://127.0.0.1:9' }))).not.toBe(fcmLogin.id(credentials))
    expect(fcmLogin.id(credentials)).not.toContain('PRIVATE')
  })
})

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { isSigningSecret, signatureHeaders } from '../../shared/webhooks/signature.ts'

const newSecret = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`

describe('Standard Webhooks, signed here', () => {
  it("gives the specification's own example", () => {
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      sentAtMs: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    }
    expect(signatureHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('is accepted by the published library, 1,000 of 1,000, with either secret of a rotation and no other', () => {
    let accepted = 0
    fc.assert(
      fc.property(
        fc.json(),
        fc.stringMatching(/^dlv_[0-9a-f]{32}$/),
        fc.integer({ min: 24, max: 64 }),
        fc.boolean(),
        (body, id, bytes, isRotating) => {
          const secrets = isRotating ? [newSecret(bytes), newSecret(bytes)] : [newSecret(bytes)]
          expect(secrets.every(isSigningSecret)).toBe(true)
          const headers = signatureHeaders({ id, sentAtMs: Date.now(), body }, secrets)
          for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
          expect(() => new Webhook(newSecret(bytes)).verify(body, headers)).toThrow(/No matching/)
          expect(() => new Webhook(secrets[0] ?? '').verify(`${body} `, headers)).toThrow(/No matching/)
          accepted += 1
        },
      ),
      { numRuns: 1000 },
    )
    expect(accepted).toBe(1000)
  })

  it.each([
    ['without the prefix', randomBytes(32).toString('base64')],
    ['too short', newSecret(23)],
    ['too long', newSecret(65)],
    ['not base64', `whsec_${'!'.repeat(32)}`],
    ['in the other alphabet', `whsec_${Buffer.alloc(33, 0xfb).toString('base64url')}`],
    ['a private key', `whsk_${randomBytes(32).toString('base64')}`],
    ['empty', ''],
  ])('takes no secret %s', (_what, secret) => expect(isSigningSecret(secret)).toBe(false))
})

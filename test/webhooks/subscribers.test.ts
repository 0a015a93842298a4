/** The documents of subscribers, good and bad. */
import { describe, expect, it } from 'vitest'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { sourceOfDocuments } from '../../shared/secrets/source.ts'
import { digestOf, readSubscribers } from '../../shared/webhooks/subscribers.ts'
import { makeSecret } from './receiver.ts'

const read = (documents: { readonly [id: string]: unknown }) => {
  const named = Object.entries(documents).map(([id, document]) => [`unpush/subscribers/${id}`, document] as const)
  return readSubscribers(openSecrets(sourceOfDocuments('test', async () => new Map(named))))
}
const secret = makeSecret()
const good = { url: 'https://hooks.example.com/a', secret, events: ['recall.completed'], format: 'standard' }

describe('subscribers', () => {
  it('are those there are, with one secret or two', async () => {
    const { found, unreadable } = await read({ one: good, two: { ...good, secret: [secret, makeSecret()] } })
    expect([...found.keys()].sort()).toEqual(['one', 'two'])
    expect(found.get('one')).toEqual({ ...good, secret: [secret] })
    expect(found.get('two')?.secret).toHaveLength(2)
    expect(unreadable).toEqual([])
    expect((await read({})).found.size).toBe(0)
  })

  it('of every format are read, and WeCom needs no secret', async () => {
    const { found } = await read({
      feishu: { ...good, format: 'feishu', secret: 'any' },
      dingtalk: { ...good, format: 'dingtalk', secret: ['any', 'other'] },
      wecom: { url: good.url, events: good.events, format: 'wecom' },
    })
    expect([...found.keys()].sort()).toEqual(['dingtalk', 'feishu', 'wecom'])
  })

  it('have another digest with any other member', async () => {
    const { found } = await read({
      a: good,
      b: { ...good, url: 'https://hooks.example.com/b' },
      c: { ...good, secret: makeSecret() },
      d: { ...good, events: ['recall.failed'] },
      same: { ...good },
    })
    const digests = ['a', 'b', 'c', 'd', 'same'].map(id => {
      const subscriber = found.get(id)
      return subscriber === undefined ? '' : digestOf(subscriber)
    })
    expect(new Set(digests).size).toBe(4)
    expect(digests[4]).toBe(digests[0])
  })

  it.each([
    [{ secret: 'canary-secret' }, 'secret.0', 'must be whsec_ and the base64 of 24 to 64 bytes'],
    [{ secret: [secret, secret, secret] }, 'secret', 'must have at most 2 items'],
    [{ secret: [] }, 'secret', 'must not be empty'],
    [{ secret: undefined }, 'secret.0', 'is required'],
    [{ format: 'feishu', secret: undefined }, 'secret.0', 'is required'],
    [{ events: [] }, 'events', 'must not be empty'],
    [{ events: ['recall.canary'] }, 'events.0', 'must be "recall.accepted"'],
    [{ format: 'slack' }, 'format', 'must be'],
    [{ url: '' }, 'url', 'must not be empty'],
    [{ canary: 1 }, 'canary', 'is not a member known here'],
  ])('with %j are unreadable, with one line that holds no value', async (change, member, words) => {
    const { found, unreadable } = await read({ good, bad: { ...good, ...change } })
    expect([...found.keys()]).toEqual(['good'])
    expect(unreadable).toHaveLength(1)
    const [{ id, error } = { id: '', error: null }] = unreadable
    expect([id, error?.kind, error?.member]).toEqual(['bad', 'malformed', member])
    expect(error?.message).toContain(words)
    expect(error?.message).not.toMatch(/canary-secret|recall\.canary|whsec_\w/)
  })
})

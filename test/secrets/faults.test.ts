/** What of the documents cannot be used is said at start: one line each, with the member, never a value. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { secretFaults } from '../../sandbox/secret-faults.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { allProviders, vendors } from '../../shared/providers/registry.ts'
import { takesTokens } from '../../shared/recall/addressing.ts'
import { openApps } from '../../shared/recall/apps.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import type { Subject } from '../providers/subject.ts'

const value = () => `canary${randomBytes(6).toString('hex')}`
const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const tpns = { provider: 'tpns', accessId: '1', secretKey: value(), region: 'guangzhou', platform: 'android' }
const whole: { readonly [name: string]: object | string } = {
  'unpush/access': { keys: [{ id: 'ops', sha256: createApiKey().sha256, role: 'operator', apps: ['*'] }] },
  'unpush/policy': { giveUpHours: 1 },
  'unpush/audit-key': key,
  'unpush/audit-mac': { key: 'ab'.repeat(32) },
  'unpush/apps': { apps: ['one', 'two'] },
  'unpush/apps/one': tpns,
  'unpush/apps/two': { ...tpns, platform: 'ios', environment: 'dev' },
  'unpush/webhooks': { webhooks: ['e_one'] },
  'unpush/webhooks/e_one': { source: 'aliyun-green', secret: { uid: '1', seed: value() }, policy: { block: 'revoke' } },
  'unpush/subscribers': { subscribers: ['ops'] },
  'unpush/subscribers/ops': {
    url: 'https://hooks.example/x',
    secret: `whsec_${randomBytes(32).toString('base64')}`,
    events: ['recall.completed'],
    format: 'standard',
  },
}

const faultsOf = async (documents: typeof whole) => {
  const source = {
    name: 'test',
    fetch: async (name: string) => (name in documents ? JSON.stringify(documents[name]) : null),
  }
  const secrets = openSecrets(source)
  return secretFaults({ secrets, apps: openApps(secrets, vendors) })
}

it('is nothing where all is well, and of what is not there only that without which nothing works', async () => {
  expect(await faultsOf(whole)).toEqual([])
  expect(await faultsOf({})).toEqual(['secret unpush/access: there is no such secret'])
  const { 'unpush/apps/two': _, ...without } = whole
  expect(await faultsOf(without)).toEqual(['secret unpush/apps/two: there is no such secret'])
})

it('is one line for each document that cannot be used, and the others are looked at all the same', async () => {
  const lists = ['unpush/apps', 'unpush/webhooks', 'unpush/subscribers']
  const slips = fc.constantFrom('member', 'type', 'text')
  const broken = fc.dictionary(fc.constantFrom(...Object.keys(whole).filter(name => !lists.includes(name))), slips)
  await fc.assert(
    fc.asyncProperty(broken, async slipped => {
      const canary = value()
      const documents = Object.fromEntries(
        Object.entries(whole).map(([name, document]) => {
          const slip = slipped[name]
          if (slip === undefined) return [name, document]
          if (slip === 'type' || typeof document === 'string') return [name, [canary]]
          return [name, slip === 'text' ? `{"half": "${canary}` : { ...document, colour: canary }]
        }),
      )
      const faults = await faultsOf(documents)
      const named = faults.map(fault => /^secret (\S+):/.exec(fault)?.[1] ?? fault)
      expect(named.toSorted()).toEqual(Object.keys(slipped).toSorted())
      for (const [name, slip] of Object.entries(slipped))
        if (slip === 'member' && name !== 'unpush/audit-key') expect(faults.join('\n')).toMatch(/member colour /)
      expect(faults.join('\n')).not.toContain(canary)
    }),
    { numRuns: 40 },
  )
  for (const list of lists) {
    const [fault = ''] = await faultsOf({ ...whole, [list]: { names: [] } })
    expect(fault).toMatch(new RegExp(`^secret ${list}: member `))
  }
})

it('is no canary that its vendor ends as a whole, and every one that names neither a whole push nor a device', async () => {
  for (const provider of await allProviders()) {
    const { subject }: { subject: Subject } = await import(`../providers/${provider.name}/subject.ts`)
    for (const { member, sample, madeBy } of provider.handles) {
      const faultsWith = (more: object) => {
        const canary = { [member]: sample, ...more }
        const one = { ...subject.document, canary }
        const apps = { 'unpush/apps': { apps: ['one'] }, 'unpush/apps/one': one }
        return faultsOf({ 'unpush/access': whole['unpush/access'] ?? {}, ...apps })
      }
      const alone = await faultsWith({})
      const fault = expect.stringMatching(/canary.* must name at least one push token/)
      expect(alone, `${provider.name} ${member}`).toEqual(madeBy === 'vendor' ? [] : [fault])
      if (takesTokens(provider)) expect(await faultsWith({ tokens: ['00112233'] })).toEqual([])
    }
  }
})

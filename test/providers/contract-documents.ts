/**
 * What a provider makes of documents and targets as slips of a hand leave them: every member that its schemas know, gone, of
 * another type, empty, too long, or another vendor's. Each is refused in one line that names the member.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { compactVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import type { ZodMiniType } from 'zod/mini'
import { inputSchema, type JsonSchema } from '../../dashboard/json-schema.ts'
import { inputErrors, sentence } from '../../shared/issues.ts'
import { createLog } from '../../shared/log.ts'
import type { Credentials, Provider } from '../../shared/providers/provider.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { soak } from '../support/figures.ts'
import { spelling } from '../support/pem-spellings.ts'
import { fakeSend } from './fake-send.ts'
import { callOf, type Context, openCredentials, perform, requestOf } from './subject.ts'

type Document = { readonly [member: string]: unknown }
interface Member {
  readonly path: readonly string[]
  readonly required: boolean
  readonly types: ReadonlySet<string>
  /** A value that is taken. */
  readonly sample: unknown
}

const long = 100_000
/** Of every type of JSON, one that no member of that type minds less than another. */
const ofTypes: { readonly [type: string]: unknown } = { string: 'x', number: 7.5, boolean: true, array: [], object: {} }

function membersOf(schema: JsonSchema, known: Document, above: readonly string[] = []): Member[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const types = typesOf(inner)
    const sample = known[name] ?? sampleOf(inner)
    const path = [...above, name]
    const below =
      types.has('object') && inner.properties !== undefined ? membersOf(inner, sample as Document, path) : []
    return [{ path, required: schema.required?.includes(name) ?? false, types, sample }, ...below]
  })
}

function typesOf({ type, anyOf }: JsonSchema): Set<string> {
  if (Array.isArray(anyOf)) return new Set(anyOf.flatMap((form: JsonSchema) => [...typesOf(form)]))
  const types = (Array.isArray(type) ? type : [type]).filter(one => one !== 'null')
  return new Set(types.map(one => (one === 'integer' ? 'number' : String(one))))
}

function sampleOf(schema: JsonSchema): unknown {
  const { const: only, enum: some, anyOf, pattern } = schema
  if (only !== undefined) return only
  if (Array.isArray(some)) return some[0]
  if (Array.isArray(anyOf)) return sampleOf(anyOf[0] as JsonSchema)
  const types = typesOf(schema)
  if (types.has('number')) return 1
  if (types.has('array')) return ['a'.repeat(64)]
  // an endpoint is all that is text and has neither form nor least length
  return pattern === undefined && schema['minLength'] === undefined ? 'https://example.com' : 'x'
}

/** `value` undefined: without it. */
function changed(document: Document, [name = '', ...below]: readonly string[], value: unknown): Document {
  const inner = below.length === 0 ? value : changed((document[name] ?? {}) as Document, below, value)
  const { [name]: _, ...rest } = document
  return inner === undefined ? rest : { ...rest, [name]: inner }
}

/** What a member must not be, and why. */
function wrongsOf({ required, types, sample }: Member): (readonly [why: string, value: unknown])[] {
  const others = Object.entries(ofTypes).filter(([type]) => !types.has(type))
  const isText = types.has('string') && typeof sample === 'string'
  return [
    ...others.map(([type, value]) => [`a ${type}`, value] as const),
    ...(types.has('object') && !types.has('string') ? [['an object of nothing', {}] as const] : []),
    ...(types.has('number') ? [['no number that it can be', -1] as const, ['too much', 1e300] as const] : []),
    ...(types.has('string') ? [['empty', ''] as const, ['too long', 'x'.repeat(long)] as const] : []),
    ...(isText ? [['itself, and much behind it', `${sample}${'x'.repeat(long)}`] as const] : []),
    ...(types.has('array') ? [['a list of nothing', ['']] as const] : []),
    ...(types.has('array') ? [['a list of what is too long', ['x'.repeat(long)]] as const] : []),
    ...(required ? [['gone', undefined] as const, ['null', null] as const] : []),
  ]
}

/** The first line of what is wrong; null: nothing is. */
async function faultOf(schema: ZodMiniType, document: Document): Promise<string | null> {
  const source = { name: 'test', fetch: async () => JSON.stringify(document) }
  const secrets = openSecrets(source, { log: createLog({ level: 'silent' }) })
  return secrets.read('unpush/apps/phones', schema).then(
    () => null,
    (error: unknown) => (error as Error).message,
  )
}

const all = await allProviders()
/** Names of members that other vendors have and this one has not. */
function strangers(provider: Provider, schema: 'credentials' | 'target'): string[] {
  const namesOf = (one: Provider) => Object.keys(inputSchema(one[schema]).properties ?? {})
  const own = new Set(namesOf(provider))
  return [...new Set(all.flatMap(namesOf))].filter(name => !own.has(name))
}

/** PKCS#1 or SEC1, as files were before PKCS#8. */
function olderForm(pem: string): string {
  const key = createPrivateKey(pem)
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1'
  // oxlint-disable-next-line no-unsafe-type-assertion -- of each kind its own type is asked for
  return key.export({ type, format: 'pem' } as { type: 'pkcs1'; format: 'pem' }).toString()
}

export function describeDocuments<C extends Credentials>({ subject, steps }: Context<C>): void {
  const { provider, document } = subject
  const credentials = provider.credentials as ZodMiniType
  const members = membersOf(inputSchema(credentials), document)
  const whole = members
    .filter(({ path }) => path.length === 1)
    .reduce((some, { path, sample }) => changed(some, path, sample), document)

  describe('a document', () => {
    it('is taken with every member there is, and those that may be left out may be null', async () => {
      expect(await faultOf(credentials, whole)).toBeNull()
      const optional = members.filter(({ required }) => !required)
      expect(optional.length).toBeGreaterThan(0)
      for (const { path } of optional) {
        const without = JSON.stringify(credentials.parse(changed(whole, path, undefined)))
        expect(JSON.stringify(credentials.parse(changed(whole, path, null))), path.join('.')).toBe(without)
      }
    })

    it('is refused for a wrong member in one line that names it', async () => {
      for (const member of members) {
        const path = member.path.join('.')
        for (const [why, value] of wrongsOf(member)) {
          const fault = await faultOf(credentials, changed(whole, member.path, value))
          expect(fault, `${path}: ${why}`).not.toBeNull()
          // of an object, the member inside that is wrong
          expect(fault?.startsWith(`secret unpush/apps/phones: member ${path}`), `${path}: ${why}: ${fault}`).toBe(true)
          expect(fault?.charAt(`secret unpush/apps/phones: member ${path}`.length)).toMatch(/[ .]/)
          expect(fault?.length).toBeLessThan(300)
          expect(fault).not.toMatch(/[\r\n]|x{20}/)
        }
      }
    })

    it('is refused for a member of another vendor, by its name', async () => {
      const others = strangers(provider, 'credentials')
      expect(others.length).toBeGreaterThan(3)
      for (const name of others)
        expect(await faultOf(credentials, { ...whole, [name]: 'x' })).toBe(
          `secret unpush/apps/phones: member ${name} is not a member known here`,
        )
    })
  })

  describe('a target', () => {
    const target = provider.target as ZodMiniType
    const schema = inputSchema(target)
    // what a name cannot do without (a topic) stands beside the handles
    const samples: Document = {
      ...subject.requests.any.names,
      ...Object.fromEntries(provider.handles.map(({ member, sample }) => [member, sample])),
    }
    const faults = (value: Document) => {
      const read = target.safeParse(value, { error: sentence })
      return read.success ? null : inputErrors(read.error.issues)
    }

    it('is taken with its names, and with no more of them than it requires', () => {
      expect(faults(samples)).toBeNull()
      const required = Object.entries(samples).filter(([name]) => schema.required?.includes(name))
      if (required.length > 0) expect(faults(Object.fromEntries(required))).toBeNull()
    })

    it('is refused for a wrong member in a sentence under its name', () => {
      for (const member of membersOf(schema, samples)) {
        const [name = ''] = member.path
        for (const [why, value] of wrongsOf(member)) {
          const [first] = faults(changed(samples, member.path, value)) ?? []
          expect(first?.path.split('/').slice(0, 2), `${name}: ${why}: ${first?.message}`).toEqual(['', name])
          expect(first?.message).toMatch(/^(must|is|has) [^\r\n]{1,200}$/)
          expect(first?.message).not.toMatch(/x{20}/)
        }
      }
    })

    it('is refused for a member of another vendor, by its name', () => {
      const others = strangers(provider, 'target')
      expect(others.length).toBeGreaterThan(3)
      for (const name of others)
        expect(faults({ ...samples, [name]: 'x' })).toEqual([
          { path: `/${name}`, message: 'is not a member known here' },
        ])
    })
  })

  const keys = members.filter(({ sample }) => typeof sample === 'string' && sample.includes('PRIVATE KEY'))
  it.runIf(keys.length > 0)('signs with its key, however that is written', async () => {
    const [step] = steps
    if (step === undefined) throw new Error('nothing can be asked')
    for (const { path, sample } of keys) {
      const publicKey = createPublicKey(String(sample))
      const seed = Date.now() % 2 ** 31
      await fc.assert(
        fc.asyncProperty(spelling, fc.boolean(), async ({ spell }, older) => {
          const pem = older ? olderForm(String(sample)) : String(sample)
          const own = openCredentials(provider, changed(document, path, spell(pem)))
          const [yes] = subject.yes.login ?? []
          const { send, sent } = fakeSend({ status: 200, headers: {}, text: yes?.text ?? '{}' })
          const opened = await provider.login?.open({ credentials: own, send, timeoutMs: 1000, now: Date.now })
          if (opened !== undefined && 'outcome' in opened) throw new Error(opened.outcome.kind)
          const session = opened?.session ?? null
          await perform(provider, step, requestOf(subject, step), subject.content, callOf(own, send, { session }))
          const tokens = JSON.stringify([session?.value, sent]).match(/[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g) ?? []
          expect(tokens.length).toBeGreaterThan(0)
          for (const token of tokens) await compactVerify(token, publicKey)
        }),
        { numRuns: soak ? 500 : 25, seed, verbose: 1 },
      )
    }
  })
}

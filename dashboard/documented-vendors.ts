/** The vendors as the API document tells of them: what follows from their contract, and what documents.ts of their folder adds. */
import { existsSync } from 'node:fs'
import type { Operation } from '../shared/operation.ts'
import type { VendorDocuments } from '../shared/providers/documents.ts'
import type { Provider } from '../shared/providers/provider.ts'
import { allProviders } from '../shared/providers/registry.ts'
import { addressingOf, isWhole, takesTokens } from '../shared/recall/addressing.ts'
import type { Words } from '../shared/words.ts'
import { operationWords } from './words/terms.ts'

export interface DocumentedVendor {
  readonly provider: Provider
  readonly documents: VendorDocuments
  readonly app: string
  /** What names a push first. */
  readonly name: { readonly [member: string]: string | number }
}

export const documentedVendors: readonly DocumentedVendor[] = await Promise.all((await allProviders()).map(documented))

async function documented(provider: Provider): Promise<DocumentedVendor> {
  const file = new URL(`../shared/providers/${provider.name}/documents.ts`, import.meta.url)
  const documents: VendorDocuments = existsSync(file) ? (await import(file.href)).documents : {}
  const [{ member, sample }] = provider.handles
  return { provider, documents, app: documents.app ?? `news-${provider.name}`, name: { [member]: sample } }
}

/** Examples that show one vendor show the first of its kind: one that knows a push as a whole, one of push tokens, one that tells a status. */
export const taskVendor = firstOf(({ provider }) => !takesTokens(provider))
export const tokenVendor = firstOf(({ provider }) => takesTokens(provider))
export const statusVendor = firstOf(({ provider }) => provider.status !== undefined)

function firstOf(fits: (vendor: DocumentedVendor) => boolean): DocumentedVendor {
  const found = documentedVendors.find(fits) ?? documentedVendors[0]
  if (found === undefined) throw new Error('there is no vendor')
  return found
}

export const exampleTokens = ['pushToken1', 'pushToken2', 'pushToken3']

/** A target as it is registered: with every name that the push may have. */
export function registeredTarget({ provider, documents, app }: DocumentedVendor): object {
  const names = provider.handles.map(({ member, sample }) => [member, sample])
  return {
    app,
    ...Object.fromEntries(names),
    ...(takesTokens(provider) && { tokens: exampleTokens }),
    ...documents.target,
  }
}

/** A push that nobody registered, with what the operation needs of it. Null: its vendor does not offer that. */
export function targetFor(
  operation: Operation,
  { provider, app }: DocumentedVendor,
): { readonly [member: string]: unknown } | null {
  const way = addressingOf(provider, operation, { audience: null })
  if (way === null) return null
  const { needs } = provider.capabilities.operations[operation] ?? {}
  const { member, sample } = provider.handles.find(one => needs?.includes(one.member) ?? true) ?? provider.handles[0]
  return { app, [member]: sample, ...(isWhole(way) ? {} : { tokens: exampleTokens }) }
}

/** What is peculiar to the operation at each vendor, one sentence after the other. */
export function notesOn(operation: Operation): Words {
  const notes = documentedVendors.flatMap(({ provider, documents }): readonly Words[] => {
    const note = documents.notes?.[operation]
    const words = typeof note === 'string' ? provider.sentences[note] : note
    if (words !== undefined) return [words]
    const { title } = provider
    const [english, chinese] = operationWords[operation]
    return provider[operation] === undefined
      ? [[`${title[0]} offers no ${english}.`, `${spaced(title[1]).trimStart()}不提供${chinese}。`]]
      : []
  })
  return [notes.map(([english]) => english).join(' '), notes.map(([, chinese]) => chinese).join('')]
}

/** What each vendor is asked that proves its credential: `Of A …, of B ….` */
export function checks(): Words {
  const known = documentedVendors.filter(({ provider }) => provider.check !== undefined)
  const all = known.map(({ provider, documents }): Words => {
    const isRead = provider.check?.step === 'status'
    const [english, chinese] = documents.check ?? (isRead ? readsNothing : meansNobody)
    return [`${provider.title[0]} ${english}`, `${spaced(provider.title[1]).trimStart()}${chinese}`]
  })
  return [`Of ${all.map(([english]) => english).join(', of ')}.`, `${all.map(([, chinese]) => chinese).join('，')}。`]
}

const readsNothing: Words = ['the record of a push that nobody made', '查询一个不存在的推送的记录']
const meansNobody: Words = ['a request that means no device', '提交一个不针对任何设备的请求']

/** The titles of some vendors, in a row. */
export function titlesOf(some: readonly DocumentedVendor[]): Words {
  const titles = some.map(({ provider }) => provider.title)
  return [titles.map(([english]) => english).join(', '), titles.map(([, chinese]) => chinese).join('、')]
}

/** What people who read share of each vendor's budget: `A: 16 an hour`. */
export function sharesOfReads(): Words {
  const all = documentedVendors.flatMap(({ provider: { title }, documents: { reads } }): Words[] =>
    reads === undefined ? [] : [[`${title[0]}: ${reads[0]}`, `${title[1]}：${reads[1]}`]],
  )
  return [all.map(([english]) => english).join(', '), all.map(([, chinese]) => chinese).join('，')]
}

/** Members that senders choose, so that one may be used again. */
export const senderKeys = [
  ...new Set(
    documentedVendors.flatMap(({ provider }) =>
      provider.handles.flatMap(({ member, madeBy }) => (madeBy === 'sender' ? [member] : [])),
    ),
  ),
]

/** Within a Chinese sentence: with spaces where it is Latin at its ends. */
export function spaced(text: string): string {
  return `${/^[A-Za-z0-9]/.test(text) ? ' ' : ''}${text}${/[A-Za-z0-9]$/.test(text) ? ' ' : ''}`
}

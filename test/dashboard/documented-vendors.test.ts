/** Every vendor in the API document: its examples are as its own schema takes them, its sentences are there, and none is left out. */
import { describe, expect, it } from 'vitest'
import { checks, documentedVendors, notesOn, registeredTarget, targetFor } from '../../dashboard/documented-vendors.ts'
import { operations as pushOperations } from '../../shared/operation.ts'
import { examplesOf, operations } from './document.ts'

const described = (id: string) => {
  const operation = operations.find(({ operationId }) => operationId === id)
  if (operation === undefined) throw new Error(`there is no operation ${id}`)
  return operation
}

describe.each(documentedVendors.map(vendor => [vendor.provider.name, vendor] as const))('%s', (name, vendor) => {
  const { provider, documents } = vendor
  it('has examples that it takes itself, of every operation that it offers', () => {
    const whole = { registered: registeredTarget(vendor) }
    const asked = pushOperations.map(operation => [operation, targetFor(operation, vendor)] as const)
    for (const [what, target] of [...Object.entries(whole), ...asked]) {
      if (target === null) {
        expect(provider[what as 'stop'], what).toBeUndefined()
        continue
      }
      const { app, ...members } = target as { readonly app: string }
      expect(app).toMatch(/^news-/)
      expect(provider.target.safeParse(members).error, what).toBeUndefined()
    }
    const [stop, revoke] = [described('stop'), described('revoke')].map(examplesOf)
    const names = (values: readonly unknown[] = []) =>
      values.filter(value => (value as { target?: { app?: string } }).target?.app === vendor.app).length
    expect([names(stop), names(revoke)]).toEqual([provider.stop ? 1 : 0, provider.revoke ? 1 : 0])
  })
  it('tells only sentences that it has', () => {
    const codes = [...Object.values(documents.warnings ?? {}), ...Object.values(documents.notes ?? {})]
    for (const code of codes.filter(one => typeof one === 'string'))
      expect(provider.sentences[code], code).toBeDefined()
    expect(
      Object.keys(documents.notes ?? {}).filter(one => !pushOperations.some(operation => operation === one)),
    ).toEqual([])
  })
  it('says of every operation what is peculiar to it, or that it is not offered, and how its credential is proved', () => {
    for (const [index, language] of (['description', 'x-description-zh'] as const).entries()) {
      for (const operation of pushOperations) {
        const { [language]: text } = described(operation)
        expect(text).toContain(notesOn(operation)[index])
        if (provider[operation] !== undefined && documents.notes?.[operation] === undefined) continue
        const note = documents.notes?.[operation]
        const words = typeof note === 'string' ? provider.sentences[note] : note
        expect(text, operation).toContain(words?.[index] ?? provider.title[index])
      }
      expect(described('checkHealth')[language]).toContain(checks()[index])
      if (provider.check !== undefined) expect(checks()[index], name).toContain(provider.title[index])
      if (provider.status !== undefined) expect(described('getStatus')[language]).toContain(provider.title[index])
    }
  })
})

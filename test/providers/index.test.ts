import { describe, expect, it } from 'vitest'
import { providerNamed, providers } from '../../shared/providers/index.ts'

describe('the registry', () => {
  it('knows each vendor under one name', () => {
    expect(providers.map(({ name }) => name)).toEqual(['tpns', 'huawei'])
    for (const provider of providers) expect(providerNamed(provider.name)).toBe(provider)
    expect(providerNamed('toString')).toBeUndefined()
  })
})

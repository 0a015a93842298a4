import { describe, expect, it } from 'vitest'
import { allProviders, vendors } from '../../shared/providers/registry.ts'

const providers = await allProviders()

describe('the registry', () => {
  it('knows each vendor under one name', () => {
    expect(providers.map(({ name }) => name)).toEqual(vendors.names)
    expect(new Set(vendors.names).size).toBe(vendors.names.length)
  })
})

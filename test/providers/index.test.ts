import { describe, expect, it } from 'vitest'
import { providers } from '../../shared/providers/index.ts'

describe('the registry', () => {
  it('knows each vendor under one name', () => {
    expect(providers.map(({ name }) => name)).toEqual(['tpns', 'huawei'])
  })
})

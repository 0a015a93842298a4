/** Every registered vendor keeps the contract: the subject of each stands in its folder here, and one without fails. */
import { describe, expect, it } from 'vitest'
import { vendors } from '../../shared/providers/registry.ts'
import { ran } from './contract-hostile.ts'
import { describeProvider } from './contract.ts'
import type { Subject } from './subject.ts'

const subjects = await Promise.all(
  vendors.names.map(async (name): Promise<Subject> => (await import(`./${name}/subject.ts`)).subject),
)

for (const subject of subjects) describeProvider(subject)

describe('the contract', () => {
  it('was kept by each registered vendor under its own name, through a hundred hostile replies a question', () => {
    expect(subjects.map(({ provider }) => provider.name)).toEqual(vendors.names)
    expect([...ran.keys()]).toEqual(vendors.names)
    for (const [name, counts] of ran) {
      expect(Object.keys(counts).length, name).toBeGreaterThan(0)
      for (const [question, count] of Object.entries(counts))
        expect(count, `${name} ${question}`).toBeGreaterThanOrEqual(100)
    }
  })
})

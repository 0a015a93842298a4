/** Who knows a vendor: its folder, its stand-in, its tests, what is generated, and documents; all else is data. */
import { beforeAll, describe, expect, it } from 'vitest'
import { allProviders } from '../shared/providers/registry.ts'
import { readSources, type Source } from './support/sources.ts'

/** A vendor's own places: its folder, its line in the registry, its stand-in; and files that are made of those. */
const places =
  /^shared\/providers\/([a-z0-9-]+\/|registry\.ts$)|^sandbox\/(vendors|moderation|pictures)\/|^dashboard\/(words\/vendors\/|openapi\.json$)|\.md$/
/** What is deployed or run. Moderation systems are others, some of the same houses; migrations are of the past. */
const looked = /^(functions|shared|dashboard|cli|deploy|sandbox)\/.*\.(ts|tsx|sql|json|cjs)$/
const apart = /^shared\/(moderation|ledger\/migrations)\//

let sources: readonly Source[] = []
let mention = /x/
beforeAll(async () => {
  sources = await readSources()
  const providers = await allProviders()
  // of members those that are no word of any other thing
  const words = [...providers.flatMap(({ name, title }) => [name, ...title]), 'pushId', 'notifyId']
  mention = new RegExp(`\\b(${[...new Set(words)].join('|')})\\b(?!-moderation)`, 'g')
})

describe('a vendor, its title and the members that name its pushes', () => {
  it('are found where they are', () => {
    const own = sources.filter(({ path }) => path.startsWith('shared/providers/tpns/')).map(({ text }) => text)
    expect(own.join('').match(mention)?.length).toBeGreaterThan(20)
  })
  it('are named nowhere but in places of the vendor', () => {
    const found = sources
      .filter(({ path }) => looked.test(path) && !places.test(path) && !apart.test(path))
      .flatMap(({ path, text }) => {
        // where a fact was read is no knowledge of the program
        const count = text.replace(/https:\/\/\S+/g, '').match(mention)?.length ?? 0
        return count === 0 ? [] : [[path, count] as const]
      })
    expect(found).toEqual([])
  })
})

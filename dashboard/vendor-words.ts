/** Words of the vendors for whoever cannot load providers (console, command line): files made by `npm run vendor-docs`. */
import { fileURLToPath } from 'node:url'
import type { Provider } from '../shared/providers/provider.ts'
import { allProviders } from '../shared/providers/registry.ts'
import type { Words, WordTable } from '../shared/words.ts'

/** Each file with its text. Throws where two vendors say different words for one status. */
export async function vendorWordFiles(): Promise<readonly (readonly [file: string, text: string])[]> {
  const providers = await allProviders()
  return [
    [
      pathOf('names'),
      moduleOf({
        providerWords: ['By the name of the provider.', providers.map(({ name, title }) => [name, title])],
        channelWords: ['By `<provider>.<channel>`.', providers.flatMap(channelsOf)],
        vendorStatusWords: ['By the word of the vendor’s record.', statusesOf(providers)],
      }),
    ],
    [
      pathOf('sentences'),
      moduleOf({
        vendorSentences: ['By code.', providers.flatMap(({ sentences }) => Object.entries(sentences))],
      }),
    ],
  ]
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`./words/vendors/${name}.ts`, import.meta.url))
}

type Entry = readonly [name: string, words: Words]

function channelsOf({ name, channels }: Provider): Entry[] {
  return Object.entries(channels).map(([channel, words]) => [`${name}.${channel}`, words])
}

function statusesOf(providers: readonly Provider[]): readonly Entry[] {
  const all = providers.flatMap(({ statuses = {} }) => Object.entries(statuses))
  const known = new Map(all)
  const other = all.find(([status, words]) => known.get(status)?.join('|') !== words.join('|'))
  if (other !== undefined) throw new Error(`two vendors call the status ${other[0]} differently`)
  return [...known]
}

function moduleOf(tables: { readonly [name: string]: readonly [about: string, entries: readonly Entry[]] }): string {
  const parts = Object.entries(tables).map(([name, [about, entries]]) => {
    const table: WordTable = Object.fromEntries(entries)
    return `/** ${about} */\nexport const ${name}: WordTable = ${JSON.stringify(table, null, 2)}\n`
  })
  return [
    '/** Made by `npm run vendor-docs` from texts.ts of each vendor: changes here are lost. */',
    "import type { WordTable } from '../../../shared/words.ts'",
    '',
    parts.join('\n'),
  ].join('\n')
}

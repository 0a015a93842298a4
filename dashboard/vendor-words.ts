/** Words of the vendors for whoever cannot load providers (console, command line): files made by `npm run vendor-docs`. */
import { fileURLToPath } from 'node:url'
import type { Handle, Provider } from '../shared/providers/provider.ts'
import { allProviders } from '../shared/providers/registry.ts'
import { isWhole, takesTokens } from '../shared/recall/addressing.ts'
import { isDigits, tellsStatus } from '../shared/recall/view-handle.ts'
import type { Words, WordTable } from '../shared/words.ts'
import { handleWords, namesBeside, targetMembers } from './push-names.ts'

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
    [pathOf('handles'), handlesModule(providers)],
  ]
}

/**
 * What names a push at each vendor, and the flags of the command line for that: `messageId` is `--message-id`. A member that several
 * vendors have is one flag. `tokens`: whether push tokens go with it. `beside`: what names it together with a handle.
 */
function handlesModule(providers: readonly Provider[]): string {
  const vendors = providers.map(provider => {
    const handles = provider.handles.map(handle => formOf(handle, provider))
    return [provider.name, { tokens: tokensOf(provider), handles, beside: namesBeside(provider) }] as const
  })
  const allWords = handleWords(providers)
  const flags = Object.entries(allWords).map(([member, words]) => {
    const those = providers.filter(({ handles }) => handles.some(handle => handle.member === member))
    const own = those.flatMap(({ handles }) => handles.filter(handle => handle.member === member))
    const tokens = new Set(those.map(tokensOf))
    const flag = {
      member,
      takes: own.every(({ json }) => json === 'integer') ? 'N' : 'ID',
      tokens: tokens.size === 1 ? [...tokens][0] : 'may',
      status: those.some(provider => provider.status !== undefined),
      words,
    }
    return [member.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`), flag] as const
  })
  const table = (name: string, about: string, entries: readonly (readonly [string, object])[]) =>
    `/** ${about} */\nexport const ${name} = ${JSON.stringify(Object.fromEntries(entries), null, 2)} as const\n`
  return [
    `${made}\n`,
    table('vendorHandles', 'By the name of the provider: the first handle that a push has is its identity.', vendors),
    table('handleFlags', 'By the flag of the command line.', flags),
  ].join('\n')
}

/**
 * How a name is written: a whole number up to `most`, or text, where the vendor gives it a form as `pattern` says. `whole`: it says
 * all that some operation needs. `status`: the vendor's record of the push can be asked for by it.
 */
function formOf({ member, json, sample }: Handle, provider: Provider): object {
  const { [member]: schema } = targetMembers(provider)
  const { pattern, maximum } = typeof schema === 'object' ? schema : {}
  const whole = Object.values(provider.capabilities.operations).some(
    ({ addressing, needs = [member] }) => needs.includes(member) && addressing.some(({ by }) => by === 'task'),
  )
  const rest = { whole, status: tellsStatus(provider, { [member]: sample }) }
  if (json === 'integer') return { member, integer: true, most: maximum ?? Number.MAX_SAFE_INTEGER, ...rest }
  const digits = isDigits(provider, member)
  return { member, integer: false, ...(pattern !== undefined && { pattern }), digits, ...rest }
}

/** never: no operation takes any · always: none goes without · may: some do. */
function tokensOf(provider: Provider): 'never' | 'always' | 'may' {
  if (!takesTokens(provider)) return 'never'
  const ways = Object.values(provider.capabilities.operations).flatMap(({ addressing }) => addressing)
  return ways.some(isWhole) ? 'may' : 'always'
}

const made = '/** Made by `npm run vendor-docs` from texts.ts of each vendor: changes here are lost. */'

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
  return [made, "import type { WordTable } from '../../../shared/words.ts'", '', parts.join('\n')].join('\n')
}

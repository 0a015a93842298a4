/** What names a push at its vendor: its handles and what stands beside them, and what people read of each. */
import * as z from 'zod/mini'
import type { Provider } from '../shared/providers/provider.ts'
import type { Words, WordTable } from '../shared/words.ts'

/** The members of a target by their JSON Schema. */
export function targetMembers({ target }: Pick<Provider, 'target'>) {
  return z.toJSONSchema(target, { io: 'input' }).properties ?? {}
}

/** Members that go with a handle and are no handle themselves (a topic), as the provider reads a target that has them. */
export function namesBeside({ handles, target }: Pick<Provider, 'handles' | 'target'>): readonly string[] {
  const named = Object.fromEntries(handles.map(({ member, sample }) => [member, sample]))
  return Object.keys(targetMembers({ target })).filter(member => {
    if (member in named) return false
    const read = target.safeParse({ ...named, [member]: 'x' })
    return read.success && read.data.names[member] !== undefined
  })
}

/** By member. Where several vendors have a handle, what it is at each. */
export function handleWords(providers: readonly Pick<Provider, 'title' | 'handles'>[]): WordTable {
  const all = providers.flatMap(({ title, handles }) => handles.map(handle => ({ title, ...handle })))
  const members = [...new Set(all.map(({ member }) => member))]
  return Object.fromEntries(
    members.map(member => {
      const own = all.filter(handle => handle.member === member)
      const [first] = own
      return [member, first !== undefined && own.length === 1 ? first.words : ofEach(own)]
    }),
  )
}

/** Of names that no handle is. */
export function wordsBeside(providers: readonly Provider[]): WordTable {
  const entries = providers.flatMap(provider =>
    namesBeside(provider).flatMap(member => {
      const words = provider.members?.[member]
      return words === undefined ? [] : [[member, words] as const]
    }),
  )
  return Object.fromEntries(entries)
}

function ofEach(own: readonly { readonly title: Words; readonly words: Words }[]): Words {
  return [
    own.map(({ title, words }) => `${title[0]}: ${words[0]}`).join(' '),
    own.map(({ title, words }) => `${title[1]}：${words[1]}`).join(''),
  ]
}

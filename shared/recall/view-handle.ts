/** The names of a push: as its vendor's members say them, and as the ledger keeps them. */
import type { Names, Provider } from '../providers/provider.ts'

/** What a push is known by in the ledger: the first of the vendor's handles that it has. Throws where it has none. */
export function identityOf({ name, handles }: Pick<Provider, 'name' | 'handles'>, names: Names): string {
  const handle = handles.find(({ member }) => names[member] !== undefined)
  if (handle === undefined) throw new Error(`a target of ${name} was read without a handle`)
  return String(names[handle.member])
}

/** The names of a push of which nothing but its identity is kept. */
export function namesOf({ handles: [first] }: Pick<Provider, 'handles'>, identity: string): Names {
  return { [first.member]: first.json === 'integer' ? Number(identity) : identity }
}

/** As the vendor's own member; under `handle` where there is no such vendor here. */
export function viewHandle(provider: Provider | null, handle: string): object {
  return provider === null ? { handle } : namesOf(provider, handle)
}

/** What a function needs of its cloud, and no more: both clouds' roles are made from this, and this from the function table. */
import type { FunctionEntry } from '../shared/functions.ts'
import { ledgerSecretsOf } from '../shared/secrets/ledger.ts'

/**
 * Names of secrets that a function reads, with `*` for an id. `eachUser`: every class has a database user of its own, so that
 * none needs the password that it would fall back to.
 */
export function secretsOf({ class: functionClass, secrets }: FunctionEntry, eachUser = false): readonly string[] {
  const [own, ...fallback] = ledgerSecretsOf(functionClass)
  return [own, ...(eachUser ? [] : fallback), ...secrets]
}

/** What it begins or finds may be more than it can do: it invokes `sweep`, which itself calls further runs. */
export function leavesWork({ timer, routes }: FunctionEntry): boolean {
  return timer !== null || routes.some(({ method }) => method !== 'GET')
}

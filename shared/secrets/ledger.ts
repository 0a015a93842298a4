/** Which database user a process is: one for each class of functions, and the owner, who deploys and migrates. */
import * as z from 'zod/mini'
import type { FunctionClass } from '../functions.ts'
import { once } from '../once.ts'
import { readRequired, type Secrets } from './secrets.ts'

/** `unpush/ledger` and those of the other users. `ca`: PEM certificates, in place of those that Node trusts. */
const postgresUrl = once(() => z.string().check(z.regex(/^postgres(ql)?:\/\/./, 'must be postgres://…')))
export const ledgerSchema = once(() => z.strictObject({ url: postgresUrl(), ca: z.optional(z.string()) }))
export type LedgerSecret = z.output<ReturnType<typeof ledgerSchema>>

export type LedgerUser = FunctionClass | 'owner'

/** The secrets that are asked for in turn: the first that is there counts. */
export function ledgerSecretsOf(user: LedgerUser): readonly [string, ...string[]] {
  if (user === 'api') return ['unpush/ledger']
  // functions never are the owner, and the owner never is one of them
  return user === 'owner' ? ['unpush/ledger-owner'] : [`unpush/ledger-${user}`, 'unpush/ledger']
}

/** Throws SecretError. */
export async function readLedgerSecret(secrets: Secrets, user: LedgerUser): Promise<LedgerSecret> {
  const [own, shared] = ledgerSecretsOf(user)
  const found = shared === undefined ? null : await secrets.read(own, ledgerSchema())
  return found ?? readRequired(secrets, shared ?? own, ledgerSchema())
}

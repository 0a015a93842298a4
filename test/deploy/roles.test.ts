/** What each function's role lets it read is what the function reads: nothing is missing, and nothing is more. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { secretsOf } from '../../deploy/roles.ts'
import { readConfig } from '../../shared/config.ts'
import { type FunctionEntry, type FunctionName, functions } from '../../shared/functions.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, type Runtime } from '../../shared/runtime.ts'
import { ledgerSecretsOf } from '../../shared/secrets/ledger.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { type EveryFunction, openEveryFunction } from '../support/every-function.ts'
import { takeEngine } from '../support/engines.ts'

const entries = Object.entries(functions) as [FunctionName, FunctionEntry][]
let every: EveryFunction
let ledger: Ledger
beforeAll(async () => {
  ;[every, ledger] = await Promise.all([openEveryFunction(), takeEngine()])
})
afterAll(() => Promise.all([every.close(), ledger.close()]))

it('a role reads what its function reads', async () => {
  const read = new Map(entries.map(([name]) => [name, new Set<string>()]))
  const runtimes = new Map<FunctionName, Runtime>()
  const runtimeOf = (name: FunctionName): Runtime => {
    const fetch = async (secret: string) => {
      read.get(name)?.add(secret.replace(/^(unpush\/(?:apps|webhooks|subscribers))\/.*$/, '$1/*'))
      const document = every.documents[secret]
      return document === undefined ? null : JSON.stringify(document)
    }
    const made =
      runtimes.get(name) ??
      createRuntime(
        readConfig({}),
        openSecrets({ name: 'test', fetch }),
        ledger,
        createLog({ level: 'silent' }),
        async () => {},
      )
    runtimes.set(name, made)
    return made
  }
  expect(await every.run(runtimeOf, ledger)).toEqual([])
  for (const [name, entry] of entries) {
    const allowed = secretsOf(entry).filter(secret => !ledgerSecretsOf(entry.class).includes(secret))
    expect([...(read.get(name) ?? [])].sort(), name).toEqual([...allowed].sort())
  }
})

it('no role reads the owner’s password, and none another class’s', () => {
  for (const [name, entry] of entries) {
    const own = { api: [], public: ['unpush/ledger-public'], workers: ['unpush/ledger-workers'] }[entry.class]
    expect(
      secretsOf(entry).filter(secret => secret.startsWith('unpush/ledger')),
      name,
    ).toEqual([...own, 'unpush/ledger'])
    expect(secretsOf(entry, true)[0], name).toBe([...own, 'unpush/ledger'][0])
    expect(secretsOf(entry, true).slice(1), name).toEqual(entry.secrets)
  }
})

/** Messages that are registered under the same keys at the same moment, on connections of their own. */
import { expect, it } from 'vitest'
import { makeEntry } from '../../shared/audit/entries.ts'
import { readMessage } from '../../shared/ledger/messages.ts'
import { HandleTaken, type NewTarget } from '../../shared/ledger/new-targets.ts'
import { registerMessage, writtenOf } from '../../shared/ledger/register-message.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

const caller = { id: 'key:test', person: null, owner: 'key:test', grant: null }

const target = (handle: string, handleMadeBy: 'vendor' | 'sender' = 'sender'): NewTarget => ({
  app: 'app',
  provider: 'fake-tokens',
  handle,
  handleMadeBy,
  names: null,
  senderKey: handleMadeBy === 'sender' ? handle : null,
  batch: 1000,
  audience: null,
  audienceSize: null,
  tokens: ['t'],
})

async function register(ledger: Ledger, id: string, targets: readonly NewTarget[]): Promise<boolean> {
  const texts = { title: null, body: null, url: null }
  const message = { id, digest: id, ...texts, contents: [], expiresAt: null, caller, targets }
  const asked = { by: caller, action: 'message.registered', object: id, request: writtenOf(message) }
  return registerMessage(ledger, message, makeEntry(asked, null))
}

describeOnLedgers('keys of senders', ledger => {
  it('go from one of many at once to the next, whatever the order of each', async () => {
    const keys = ['1', '2', '3']
    for (let round = 0; round < 5; round++) {
      const ids = Array.from({ length: 8 }, (_, n) => `r${round}-${n}`)
      await Promise.all(
        ids.map((id, n) =>
          register(
            ledger(),
            id,
            (n % 2 === 0 ? keys : keys.toReversed()).map(key => target(key)),
          ),
        ),
      )
      const messages = await Promise.all(ids.map(id => readMessage(ledger(), id)))
      for (const key of keys) {
        const mine = messages.map(message => message?.targets.find(({ handle }) => handle === key)?.superseded ?? null)
        const last = ids[mine.indexOf(null)]
        // each has one after it, but the last; and all know which that is
        expect(mine.filter(newer => newer === null)).toHaveLength(1)
        const after = mine.flatMap(newer => newer?.by.message ?? [])
        expect(new Set(after).size).toBe(ids.length - 1)
        expect(new Set(mine.flatMap(newer => newer?.shown?.message ?? []))).toEqual(new Set([last]))
      }
    }
  })

  it('are noticed beside an id of the vendor: of two that share a key the older one is no longer shown', async () => {
    const both = (id: string, key: string): NewTarget => ({
      ...target(id, 'vendor'),
      names: { messageId: id, collapseId: key },
      senderKey: key,
    })
    await register(ledger(), 'first', [both('m-1', 'slot')])
    await register(ledger(), 'second', [both('m-2', 'slot')])
    await register(ledger(), 'other', [both('m-3', 'elsewhere')])
    const targetOf = async (id: string) => (await readMessage(ledger(), id))?.targets[0]
    expect((await targetOf('first'))?.superseded).toMatchObject({
      by: { message: 'second' },
      shown: { message: 'second' },
    })
    expect(await targetOf('second')).toMatchObject({
      superseded: null,
      names: { messageId: 'm-2', collapseId: 'slot' },
    })
    expect((await targetOf('other'))?.superseded).toBeNull()
    // its own id still is one message's alone
    await expect(register(ledger(), 'thief', [target('m-1', 'vendor')])).rejects.toBeInstanceOf(HandleTaken)
    // a key alone follows as well
    await register(ledger(), 'third', [target('slot')])
    expect((await targetOf('second'))?.superseded).toMatchObject({ by: { message: 'third' } })
  })

  it('are not task ids, of which one message alone has each', async () => {
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map(id => register(ledger(), id, [target(`${id}-own`), target('task', 'vendor')])),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(HandleTaken)
    }
  })
})

/** `npm run verify-audit`: once as people run it, else compiled beforehand, since compiling it is most of what a run takes. */
import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packSnapshot } from '../../sandbox/ledger-snapshot.ts'
import { noHash } from '../../shared/audit/chain.ts'
import { digestMessage, signDigest } from '../../shared/audit/digest.ts'
import { keepTrail } from '../../shared/audit/keep-trail.ts'
import { createSealer } from '../../shared/audit/sealer.ts'
import { openPGlite } from '../../shared/ledger/pglite.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { fileSource } from '../../shared/secrets/file.ts'
import { appendAudit } from '../support/append-audit.ts'
import { compile, type Compiled } from '../support/compiled.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('npm run verify-audit', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const [macKey, formerKey] = [randomBytes(32), randomBytes(32)]
  let folder = ''
  let compiled: Compiled
  const inFolder = (name: string) => join(folder, name)
  const inLedger = async (work: (ledger: Ledger) => Promise<unknown>): Promise<void> => {
    const ledger = await openPGlite(inFolder('ledger'), { snapshot: await packSnapshot() })
    try {
      await work(ledger)
    } finally {
      await ledger.close()
    }
  }
  const verify = (...options: string[]) => verifyWith('secrets.json', '--mac-key', inFolder('former.json'), ...options)
  const verifyWith = (secrets: string, ...options: string[]) => run([compiled.path], secrets, options)
  const run = (program: readonly string[], secrets: string, options: readonly string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>(resolve => {
      const env = {
        ...process.env,
        LEDGER_URL: `pglite:${inFolder('ledger')}`,
        SECRETS: `file:${inFolder(secrets)}`,
      }
      execFile(process.execPath, [...program, ...options], { cwd: root, env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpush-audit-'))
    compiled = await compile('cli/verify-audit.ts')
    const key = privateKey.export({ format: 'jwk' })
    const mac = { key: macKey.toString('hex') }
    const documents = { 'unpush/audit-key': key, 'unpush/audit-mac': mac }
    await writeFile(inFolder('secrets.json'), JSON.stringify(documents), { mode: 0o600 })
    await writeFile(inFolder('former.json'), JSON.stringify({ key: formerKey.toString('hex') }), { mode: 0o600 })
    await writeFile(inFolder('none.json'), '{}')
    await writeFile(inFolder('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    const lines: string[] = []
    const log = createLog({ stream: { write: line => lines.push(line) } })
    const secrets = openSecrets(fileSource(inFolder('secrets.json')))
    await inLedger(async ledger => {
      for (let i = 0; i < 5; i++) {
        const entry = {
          by: { id: 'key:ops', person: 'li.wei' },
          action: 'delivery.replayed',
          object: `dlv_${i}`,
          detail: {},
        }
        await appendAudit(ledger, [entry], i < 2 ? formerKey : macKey)
        await keepTrail({ ledger, log, secrets, sealer: createSealer(ledger, log) })
      }
    })
    await writeFile(inFolder('unpush.log'), lines.join(''))
    await writeFile(inFolder('forged.log'), lines.join('').replace('"seq":3', '"seq":4'))
  })
  afterAll(() => Promise.all([rm(folder, { recursive: true, force: true }), compiled.close()]))

  it('says in one line that the trail is whole, and what was not looked at', async () => {
    const asPeopleDo = ['--import', 'tsx', 'cli/verify-audit.ts']
    const { code, stdout } = await run(asPeopleDo, 'secrets.json', ['--mac-key', inFolder('former.json')])
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^The audit trail is whole: 5 records, the last one [0-9a-f]{64}; 0 not sealed yet; 5 MACs hold; without digests .*\n$/,
      ),
    ])
  })

  it('looks at MACs with every key it has, and says where it has none', async () => {
    const without = await verifyWith('none.json')
    expect([without.code, without.stdout]).toEqual([0, expect.stringContaining('5 MACs were not looked at')])
    const alone = await verifyWith('secrets.json')
    expect([alone.code, alone.stdout]).toEqual([
      1,
      'The audit trail is broken: record 1 (delivery.replayed of dlv_0) carries a MAC that does not hold: no process of Unpush wrote this.\n',
    ])
    expect((await verifyWith('secrets.json', '--macs-since', '3')).code).toBe(0)
    for (const [option, value] of [
      ['--mac-key', 'public.pem'],
      ['--macs-since', 'record'],
    ] as const) {
      const { code, stderr } = await verify(option, option === '--mac-key' ? inFolder(value) : value)
      expect([code, stderr]).toEqual([2, expect.stringMatching(/64 hex digits|number of a record/)])
    }
  })

  it('meets the digests of the log, with the key of the secret or a public one', async () => {
    for (const options of [[], ['--public-key', inFolder('public.pem')]]) {
      const { code, stdout } = await verify('--digests', inFolder('unpush.log'), ...options)
      expect([code, stdout]).toEqual([0, expect.stringContaining('5 signed digests hold, the newest of record 5')])
    }
  })

  it('does not take a digest on trust, nor go on without what it was told to read', async () => {
    for (const [options, says] of [
      [['--digests', inFolder('forged.log')], 'has a signature that does not hold'],
      [['--digests', inFolder('public.pem')], 'no audit digest'],
      [['--digests', inFolder('none')], 'cannot be read'],
      [['--digests', inFolder('unpush.log'), '--public-key', inFolder('unpush.log')], 'not an Ed25519 public key'],
      [['--sideways'], '--sideways'],
    ] as const) {
      const { code, stdout, stderr } = await verify(...options)
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(says)])
    }
  })

  it('tells where no digest is newer than an hour', async () => {
    const { code, stderr } = await verify('--digests', inFolder('unpush.log'))
    expect([code, stderr]).toEqual([0, ''])
    // a digest signs its own time: what is old was signed long ago
    const old = signDigest({ seq: 0, hash: noHash, at: new Date(Date.now() - 3_700_000).toISOString() }, privateKey)
    await writeFile(inFolder('old.log'), JSON.stringify({ msg: digestMessage, ...old }))
    const late = await verify('--digests', inFolder('old.log'))
    expect([late.code, late.stderr]).toEqual([0, expect.stringContaining('No digest is newer than an hour')])
  })

  it('finds a recall that nobody admitted, and a trail that lags', async () => {
    const recall = `insert into recall (id, operation, state, reason, requested_by, owner, subject, fallback, apps, give_up_at)
      values ('rcl_x', 'revoke', 'running', 'r', 'key:ops', 'key:ops', '{}', true, '{}', now())`
    await inLedger(ledger => ledger.script(recall))
    const invented = await verify()
    expect([invented.code, invented.stdout]).toEqual([
      1,
      'The audit trail does not account for the ledger: the recall rcl_x has no admission in the trail: nobody asked for it.\n',
    ])
    await inLedger(async ledger => {
      await ledger.script("delete from recall where id = 'rcl_x'")
      const by = { id: 'key:ops', person: null }
      await appendAudit(ledger, [{ by, action: 'delivery.replayed', object: 'dlv_9', detail: {} }], macKey)
    })
    expect((await verify()).stdout).toContain('5 records')
    const waits = (at: string) =>
      inLedger(ledger =>
        ledger.script(
          `alter table audit_unsealed disable trigger all; ${at}; alter table audit_unsealed enable trigger all`,
        ),
      )
    await waits("update audit_unsealed set at = now() - interval '301 seconds'")
    const lags = await verify()
    expect([lags.code, lags.stdout]).toEqual([
      1,
      'The audit trail lags: its oldest entry has waited for 5 minutes to be sealed.\n',
    ])
    await waits('delete from audit_unsealed')
  })

  it('names the first bad record, and what only the digest tells', async () => {
    const unlocked = 'alter table audit disable trigger all'
    await inLedger(ledger => ledger.script(`${unlocked}; delete from audit where seq = 5`))
    expect((await verify()).code).toBe(0)
    const cut = await verify('--digests', inFolder('unpush.log'))
    expect([cut.code, cut.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^The audit trail is broken: record 5 is missing: the digest of \S+ signed records up to 5\.\n$/,
      ),
    ])
    await inLedger(ledger => ledger.script("update audit set person = 'wang.fang' where seq = 2"))
    const edited = await verify()
    expect([edited.code, edited.stdout]).toEqual([
      1,
      'The audit trail is broken: record 2 does not follow from the record before it.\n',
    ])
  })
})

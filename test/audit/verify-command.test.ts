/** `npm run verify-audit`, as people run it. */
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packSnapshot } from '../../sandbox/ledger-snapshot.ts'
import { keepTrail } from '../../shared/audit/keep-trail.ts'
import { createSealer } from '../../shared/audit/sealer.ts'
import { openPGlite } from '../../shared/ledger/pglite.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { fileSource } from '../../shared/secrets/file.ts'
import { appendAudit } from '../support/append-audit.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('npm run verify-audit', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  let folder = ''
  const inFolder = (name: string) => join(folder, name)
  const inLedger = async (work: (ledger: Ledger) => Promise<unknown>): Promise<void> => {
    const ledger = await openPGlite(inFolder('ledger'), { snapshot: await packSnapshot() })
    try {
      await work(ledger)
    } finally {
      await ledger.close()
    }
  }
  const verify = (...options: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>(resolve => {
      const env = {
        ...process.env,
        LEDGER_URL: `pglite:${inFolder('ledger')}`,
        SECRETS: `file:${inFolder('secrets.json')}`,
      }
      const argv = ['--import', 'tsx', 'cli/verify-audit.ts', ...options]
      execFile(process.execPath, argv, { cwd: root, env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpush-audit-'))
    const key = privateKey.export({ format: 'jwk' })
    await writeFile(inFolder('secrets.json'), JSON.stringify({ 'unpush/audit-key': key }), { mode: 0o600 })
    await writeFile(inFolder('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    const lines: string[] = []
    const log = createLog({ stream: { write: line => lines.push(line) } })
    const secrets = openSecrets(fileSource(inFolder('secrets.json')))
    await inLedger(async ledger => {
      for (let i = 0; i < 5; i++) {
        const entry = {
          by: { id: 'key:ops', person: 'li.wei' },
          action: 'recall.admitted',
          object: `rcl_${i}`,
          detail: {},
        }
        await appendAudit(ledger, [entry])
        await keepTrail({ ledger, log, secrets, sealer: createSealer(ledger, log) })
      }
    })
    await writeFile(inFolder('unpush.log'), lines.join(''))
    await writeFile(inFolder('forged.log'), lines.join('').replace('"seq":3', '"seq":4'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('says in one line that the trail is whole, and what was not looked at', async () => {
    const { code, stdout } = await verify()
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^The audit trail is whole: 5 records, the last one [0-9a-f]{64}; 0 not sealed yet; without digests .*\n$/,
      ),
    ])
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

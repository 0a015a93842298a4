/** `serverless deploy`, `info`, `remove` as people type them: against stand-ins of SCF and SSM, with a real ledger. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bundleAll } from '../../deploy/bundle.ts'
import { functions } from '../../shared/functions.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { type ScfStandIn, startScf } from '../support/cloud/scf.ts'
import { type SecretManager, startTencentSsm } from '../support/cloud/secret-managers.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Step, stepsOf } from '../support/steps.ts'
import { type ServerlessFolder, serverlessFolder } from '../support/serverless-cli.ts'

const id = `AKID${randomBytes(12).toString('hex')}`
const key = randomBytes(16).toString('hex')
const names = Object.keys(functions)
const yaml = await readFile(fileURLToPath(new URL('../../serverless.yml', import.meta.url)), 'utf8')

describeOnPostgres('serverless on SCF', url => {
  let scf: ScfStandIn
  let ssm: SecretManager
  let cli: ServerlessFolder
  let variables: NodeJS.ProcessEnv = {}
  beforeEach(async () => {
    const keyring = { [id]: { key } }
    scf = await startScf(keyring, 0)
    ssm = await startTencentSsm({ keyring, may: () => true })
    cli = await serverlessFolder(yaml, { loopback: true })
    ssm.secrets.set('unpush-ledger-owner', JSON.stringify({ url: url() }))
    variables = {
      TENCENTCLOUD_SECRETID: id,
      TENCENTCLOUD_SECRETKEY: key,
      TENCENT_SCF_ENDPOINT: scf.origin,
      TENCENT_SSM_ENDPOINT: ssm.origin,
    }
  })
  afterEach(async () => {
    await Promise.all([scf.close(), ssm.close(), cli.close()])
  })
  let step: Step = (_, work) => work()
  beforeEach(context => {
    step = stepsOf(context)
  })
  const serverless = (...words: string[]) => step(words.join(' '), () => cli.run(words, variables))
  const onLedger = async (statement: string) => {
    const ledger = await openLedger(url(), { connections: 1 })
    try {
      return await ledger.query<{ n: number }>(statement)
    } finally {
      await ledger.close()
    }
  }

  it('goes from an empty ledger and an empty account to addresses, shows them, and takes all away', async () => {
    await onLedger('drop schema public cascade')
    await onLedger('create schema public')
    const deployed = await serverless('deploy')
    expect(deployed.code, deployed.output).toBe(0)
    expect(new Set(ssm.asked)).toEqual(new Set(['unpush-ledger-owner', 'unpush-webhooks']))
    expect(deployed.output).toContain('Warning: There is no secret unpush/webhooks')
    expect(await onLedger('select count(*)::int as n from migration')).not.toEqual([{ n: 0 }])
    const { functions: made } = scf.state()
    expect(Object.keys(made)).toEqual(names.map(name => `unpush-prod-${name}`).sort())
    const address = 'https://1300000000-unpush-prod-revoke.ap-guangzhou.tencentscf.com'
    expect(deployed.output).toContain(`unpush-prod-revoke  Active  ${address}/v1/revoke`)
    const map = JSON.parse(await readFile(join(cli.folder, '.unpush/deployed.json'), 'utf8'))
    expect(map).toMatchObject({ origin: null, prefixes: { '/v1/revoke': address } })
    const prefixes = Object.values(functions).flatMap(entry => [...entry.prefixes])
    expect(Object.keys(map.prefixes).sort()).toEqual(prefixes.sort())

    ssm.secrets.set('unpush-webhooks', '{"webhooks":[]}')
    const again = await serverless('deploy')
    expect(again.output).not.toContain('no secret unpush/webhooks')
    expect(again.code, again.output).toBe(0)
    for (const name of names) expect(again.output).toContain(`unpush-prod-${name}: unchanged`)

    const removed = await serverless('remove')
    expect(removed.code, removed.output).toBe(0)
    expect(scf.state().functions).toEqual({})
    await expect(readFile(join(cli.folder, '.unpush/deployed.json'))).rejects.toThrow('ENOENT')
    expect([...scf.refused, ...ssm.refused]).toEqual([])
    for (const { output } of [deployed, again, removed]) expect(output).not.toContain(key)
  })

  it.each([['-f'], ['--function']])('deploys one function with %s, of the bytes that package makes', async flag => {
    const { code, output } = await serverless('deploy', flag, 'sweep', '--region', 'ap-shanghai')
    expect(code, output).toBe(0)
    const { functions: made } = scf.state()
    expect(Object.keys(made)).toEqual(['unpush-prod-sweep'])
    const bundle = (await bundleAll()).find(({ name }) => name === 'sweep')
    expect(made['unpush-prod-sweep']?.code).toBe(
      createHash('sha256')
        .update(bundle?.zip ?? '')
        .digest('hex'),
    )
  })

  it('touches no function where the ledger cannot be migrated', async () => {
    ssm.secrets.set('unpush-ledger-owner', JSON.stringify({ url: 'postgres://app:canary-pw@127.0.0.1:1/x' }))
    const refused = await serverless('deploy')
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('The ledger was not migrated. The ledger cannot be reached (ECONNREFUSED).')
    expect(refused.output).not.toContain('canary-pw')
    expect(scf.calls).toEqual([])
    const { code, output } = await serverless('deploy', '--skip-migrations', '--stage', 'test')
    expect(code, output).toBe(0)
    expect(Object.keys(scf.state().functions)).toContain('unpush-test-sweep')
  })
})

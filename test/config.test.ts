import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../shared/config.ts'
import { openSecretSource } from '../shared/secrets/sources.ts'

describe('the configuration', () => {
  it('has the defaults of the contract', () => {
    const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    const packageJson: { version: string } = JSON.parse(file)
    expect(readConfig({})).toEqual({
      port: 8787,
      ledgerUrl: 'pglite:.unpush/ledger',
      secrets: { kind: 'sandbox' },
      timers: true,
      dashboardOrigin: null,
      version: packageJson.version,
      platform: 'local',
    })
    expect(readConfig({ PORT: '', SECRETS: '' })).toEqual(readConfig({}))
  })

  it('takes the secrets and the ledger of the platform in the cloud', () => {
    expect(readConfig({ TENCENTCLOUD_RUNENV: 'SCF' })).toMatchObject({
      platform: 'scf',
      secrets: { kind: 'tencent-ssm' },
      ledgerUrl: null,
    })
    expect(readConfig({ AWS_LAMBDA_FUNCTION_NAME: 'unpush-revoke' })).toMatchObject({
      platform: 'lambda',
      secrets: { kind: 'aws-secrets-manager' },
      ledgerUrl: null,
    })
  })

  it('reads every variable', () => {
    expect(
      readConfig({
        PORT: '0',
        LEDGER_URL: 'postgres://app@db/unpush',
        SECRETS: 'file:./my secrets.json',
        UNPUSH_TIMERS: 'off',
        UNPUSH_DASHBOARD_ORIGIN: 'https://console.example.com:8443',
      }),
    ).toMatchObject({
      port: 0,
      ledgerUrl: 'postgres://app@db/unpush',
      secrets: { kind: 'file', path: './my secrets.json' },
      timers: false,
      dashboardOrigin: 'https://console.example.com:8443',
    })
  })

  it.each([
    ['PORT', ['65536', '-1', '80.5', 'http', ' 80', '1e3', '0x50']],
    ['LEDGER_URL', ['mysql://u:canary-pw@db/x', 'pglite:', 'pglite', 'canary-pw']],
    ['SECRETS', ['file:', 'vault', 'Sandbox', 'constructor']],
    ['UNPUSH_TIMERS', ['true', '0', 'ON', 'constructor', 'toString']],
    ['UNPUSH_DASHBOARD_ORIGIN', ['*', 'https://a.example/', 'https://a.example/x', 'ftp://a.example', 'null', 'a.b']],
  ])('%s with a value that is not allowed is one line that names it', (name, values) => {
    for (const value of values) {
      const message = refusalOf({ [name]: value })
      expect(message).toMatch(new RegExp(`^ConfigError: ${name} is not valid: it must be [^\n]+\\.$`))
      expect(message).not.toContain('canary')
    }
  })

  it.each(['tencent-ssm', 'aws-secrets-manager'])('SECRETS=%s says what this version has', kind => {
    expect(() => openSecretSource(readConfig({ SECRETS: kind }).secrets)).toThrow(
      `SECRETS=${kind} is not in this version, which has: sandbox, file:<path>.`,
    )
  })
})

function refusalOf(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return String(error)
    throw error
  }
  return 'nothing was refused'
}

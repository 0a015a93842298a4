'use strict'
/**
 * The provider `tencent` for the Serverless CLI: what serverless.yml may say, and `serverless package`. It refuses what
 * SCF would refuse (a five-field cron, a missing region, an unknown event or key), before anything is built.
 */
const { execFileSync } = require('node:child_process')
const { join } = require('node:path')

const path = { type: 'string', pattern: '^/' }
/** Seven fields, seconds first: second minute hour day month weekday year. */
const cron = { type: 'string', pattern: '^\\S+( \\S+){6}$' }
const closed = (properties, required) => ({ type: 'object', properties, required, additionalProperties: false })

class TencentProvider {
  static getProviderName() {
    return 'tencent'
  }
  constructor(serverless) {
    this.serverless = serverless
    serverless.setProvider('tencent', this)
    serverless.configSchemaHandler.defineProvider('tencent', {
      provider: closed({ runtime: { const: 'Nodejs20.19' }, region: { type: 'string', pattern: '^[a-z]+-[a-z]+$' } }, [
        'runtime',
        'region',
      ]),
      function: closed(
        {
          handler: { type: 'string', pattern: '^functions/[a-z]+\\.main_handler$' },
          timeout: { type: 'integer', minimum: 1, maximum: 900 },
          memorySize: { type: 'integer', enum: [64, 128, 256, 512, 1024, 2048, 3072] },
        },
        ['handler', 'timeout', 'memorySize'],
      ),
    })
    serverless.configSchemaHandler.defineFunctionEvent('tencent', 'http', closed({ path }, ['path']))
    serverless.configSchemaHandler.defineFunctionEvent(
      'tencent',
      'timer',
      closed({ cron, message: { type: 'string', maxLength: 4096 } }, ['cron']),
    )
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => {
        execFileSync(process.execPath, ['--import', 'tsx', 'deploy/bundle.ts'], {
          cwd: join(__dirname, '..'),
          stdio: 'inherit',
        })
        // what was just built is what is deployed: the CLI packs nothing of its own
        serverless.service.package.individually = true
        for (const [name, entry] of Object.entries(serverless.service.functions))
          entry.package = { artifact: join('.serverless', `${name}.zip`) }
      },
      'before:deploy:deploy': () => {
        throw new serverless.classes.Error('Deploying to SCF is not in this version: npm run package makes the zips.')
      },
    }
  }
}

module.exports = TencentProvider

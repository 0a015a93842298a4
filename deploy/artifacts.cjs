'use strict'
/**
 * The Serverless CLI, on either cloud: it packs nothing of its own, since what deploy/bundle.ts makes is what it packages;
 * and before it deploys anything, the ledger is brought to this version.
 */
const nodePath = require('node:path')

module.exports = function artifacts(serverless, options, { writeText }) {
  const fail = message => {
    throw new serverless.classes.Error(message)
  }
  // by import(): the CommonJS half of tsx does not find its own loader
  const load = async file => (await import('tsx/esm/api')).tsImport(file, __filename)

  const bundle = async () => {
    const { packageAll } = await load('./bundle.ts')
    const bundles = await packageAll(nodePath.join(serverless.serviceDir, '.serverless')).catch(error =>
      fail(error.message),
    )
    const { functions, package: packaging } = serverless.service
    packaging.individually = true
    for (const [name, entry] of Object.entries(functions)) {
      const made = bundles.find(bundled => bundled.name === name)
      if (made === undefined) fail(`The function ${name} is not in shared/functions.ts.`)
      entry.package = { artifact: nodePath.join('.serverless', `${name}.zip`) }
      writeText(`${name}.zip  ${(made.zip.length / 1024).toFixed(1)} KB`)
    }
  }

  const migrate = async () => {
    const { name, region } = serverless.service.provider
    const { migrateDeployed } = await load('./migrate.ts')
    const warnings = await migrateDeployed(name, options.region ?? region).catch(error => fail(error.message))
    writeText('The ledger is at this version.')
    for (const warning of warnings) writeText(`Warning: ${warning}`)
  }

  const migrateFirst = async () => (options['skip-migrations'] ? undefined : migrate())
  const skipped = { 'skip-migrations': { usage: 'Leaves the ledger as it is', type: 'boolean' } }

  return {
    commands: {
      migrate: { usage: 'Brings the ledger to this version', lifecycleEvents: ['migrate'] },
      deploy: { options: skipped, commands: { function: { options: skipped } } },
    },
    hooks: {
      'before:package:createDeploymentArtifacts': bundle,
      'migrate:migrate': migrate,
      'before:package:function:package': bundle,
      'before:offline:start': bundle,
      'before:offline:start:init': bundle,
      'before:deploy:deploy': migrateFirst,
      'before:deploy:function:deploy': migrateFirst,
    },
  }
}

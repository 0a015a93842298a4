'use strict'
/**
 * The Serverless CLI, on either cloud, packs nothing of its own: what deploy/bundle.ts makes is what it packages. And
 * packaging is all it does in this version.
 */
const { join } = require('node:path')

const notYet = new Set(['deploy', 'remove', 'info'])

module.exports = function artifacts(serverless, _options, { writeText }) {
  const fail = message => {
    throw new serverless.classes.Error(message)
  }
  // now, and not in a hook: the CLI's own hooks would look for AWS credentials first
  const [command] = serverless.processedInput.commands
  if (notYet.has(command)) {
    fail(`"serverless ${command}" is not in this version: npm run package and npm run package:aws make the artefacts.`)
  }

  const bundle = async () => {
    // by import(): the CommonJS half of tsx does not find its own loader
    const { tsImport } = await import('tsx/esm/api')
    const { packageAll } = await tsImport('./bundle.ts', __filename)
    const bundles = await packageAll(join(serverless.serviceDir, '.serverless')).catch(error => fail(error.message))
    const { functions, package: packaging } = serverless.service
    packaging.individually = true
    for (const [name, entry] of Object.entries(functions)) {
      const made = bundles.find(bundled => bundled.name === name)
      if (made === undefined) fail(`The function ${name} is not in shared/functions.ts.`)
      entry.package = { artifact: join('.serverless', `${name}.zip`) }
      writeText(`${name}.zip  ${(made.zip.length / 1024).toFixed(1)} KB`)
    }
  }
  return { hooks: { 'before:package:createDeploymentArtifacts': bundle } }
}

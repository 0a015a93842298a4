'use strict'
/**
 * The provider `tencent` for the Serverless CLI: what serverless.yml may say, and deploy, info and remove over deploy/scf.ts.
 * What SCF would refuse (a five-field cron, a missing region, an unknown event or key) is refused here, with its line,
 * before anything is built.
 */
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { readFile } = require('node:fs/promises')
const nodePath = require('node:path')
const { LineCounter, parseDocument } = require('yaml')

const closed = (properties, required) => ({ type: 'object', properties, required, additionalProperties: false })

/** SCF takes 64 MB, then steps of 128. */
const memorySize = { anyOf: [{ const: 64 }, { type: 'integer', minimum: 128, maximum: 3072, multipleOf: 128 }] }
const number = '[\\d*,/-]+'
const named = '[\\dA-Za-z*,/-]+'
const cron = { type: 'string', pattern: `^${number} ${number} ${number} ${number} ${named} ${named} ${number}$` }

const text = { type: 'string', minLength: 1 }
const provider = closed(
  {
    runtime: { const: 'Nodejs20.19' },
    region: { type: 'string', pattern: '^[a-z]{2}(-[a-z]+)+$' },
    role: text,
    environment: { type: 'object', additionalProperties: { type: 'string' } },
    vpc: closed({ vpcId: text, subnetId: text }, ['vpcId', 'subnetId']),
    fixedAddress: { type: 'boolean' },
    domain: closed(
      { name: { type: 'string', format: 'hostname' }, certificateId: text, closedUrls: { type: 'boolean' } },
      ['name', 'certificateId'],
    ),
  },
  ['runtime', 'region'],
)
const functionKeys = closed(
  {
    handler: { type: 'string', pattern: '^functions/[a-z]+(-[a-z]+)*\\.main_handler$' },
    timeout: { type: 'integer', minimum: 1, maximum: 900 },
    memorySize,
    role: text,
  },
  ['handler', 'timeout', 'memorySize'],
)
const events = {
  http: closed({ path: { type: 'string', pattern: '^/' } }, ['path']),
  timer: closed({ cron, message: { type: 'string', maxLength: 4096 } }, ['cron']),
}

/** Where the operations can be reached: written by info, read by the command line and the console. */
const mapFile = nodePath.join('.unpush', 'deployed.json')

/** What a schema's own words do not tell whoever wrote the line. */
const hints = [
  [/\.cron'/, 'seven fields: second minute hour day month weekday year'],
  [/unsupported function event/, `one of ${Object.keys(events).join(', ')}`],
  [/\.memorySize'/, '64, or a multiple of 128 up to 3072'],
  [/provider\.runtime'/, `only ${provider.properties.runtime.const}`],
  [/provider\.region'/, 'like ap-guangzhou'],
]

/** `at 'functions.sweep.events.0': …` → the line in the file where that stands, with a hint where there is one. */
function explain(message, file, text) {
  const hint = hints.find(([pattern]) => pattern.test(message))?.[1]
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const path = /^at '([^']+)'/.exec(message)?.[1].split('.') ?? []
  const property = /unrecognized property '([^']+)'/.exec(message)?.[1]
  if (property !== undefined) path.push(property)
  let node = document.getIn(path, true)
  while (node === undefined && path.pop() !== undefined) node = document.getIn(path, true)
  const { line } = lineCounter.linePos(node?.range?.[0] ?? 0)
  return `${file}:${line} ${message}${hint === undefined ? '' : ` (${hint})`}`
}

/** What deploy/scf.ts is to make, out of a serverless.yml that the schema has let through. */
function deploymentOf({ service, provider: own, functions }, stage) {
  return {
    prefix: `${service}-${stage}`,
    runtime: own.runtime,
    environment: own.environment ?? {},
    vpc: own.vpc ?? null,
    fixedAddress: own.fixedAddress ?? false,
    domain: own.domain ?? null,
    functions: Object.entries(functions).map(([name, { timeout, memorySize: memoryMb, role, events: all = [] }]) => ({
      name,
      role: role ?? own.role ?? null,
      timeoutSeconds: timeout,
      memoryMb,
      prefixes: all.flatMap(({ http }) => (http === undefined ? [] : [http.path])),
      timers: all.flatMap(({ timer }) =>
        timer === undefined ? [] : [{ cron: timer.cron, message: timer.message ?? '' }],
      ),
    })),
  }
}

module.exports = function tencent(serverless, options, { writeText }) {
  const { configSchemaHandler, configurationFilename, serviceDir } = serverless
  configSchemaHandler.defineProvider('tencent', { provider, function: functionKeys })
  for (const [name, schema] of Object.entries(events)) {
    configSchemaHandler.defineFunctionEvent('tencent', name, schema)
  }
  const refuse = configSchemaHandler.handleErrorMessages.bind(configSchemaHandler)
  configSchemaHandler.handleErrorMessages = messages => {
    const content = messages.length > 0 ? readFileSync(nodePath.join(serviceDir, configurationFilename), 'utf8') : ''
    refuse(messages.map(message => explain(message, configurationFilename, content)))
  }

  /** Runs a verb of deploy/scf.ts; whatever it rejects with is one line for people. */
  const onScf = async work => {
    try {
      const { tsImport } = await import('tsx/esm/api')
      const [{ openCloud }, verbs] = await Promise.all(
        ['./scf-cloud.ts', './scf.ts'].map(file => tsImport(file, __filename)),
      )
      const { provider: own } = serverless.service
      const deployment = deploymentOf(serverless.service, options.stage ?? own.stage ?? 'dev')
      return await work({ ...verbs, scf: openCloud(options.region ?? own.region), deployment })
    } catch (error) {
      throw new serverless.classes.Error(error.message)
    }
  }
  const info = () =>
    onScf(async ({ describe, scf, deployment }) => {
      const map = await describe(scf, deployment, writeText)
      mkdirSync(nodePath.join(serviceDir, '.unpush'), { recursive: true, mode: 0o700 })
      writeFileSync(nodePath.join(serviceDir, mapFile), `${JSON.stringify(map, null, 2)}\n`)
    })
  const deploy = () =>
    onScf(({ deploy: run, scf, deployment }) => {
      const only = options.function ?? null
      if (only !== null && !deployment.functions.some(({ name }) => name === only)) {
        throw new Error(`There is no function ${only} in ${configurationFilename}.`)
      }
      return run(
        scf,
        deployment,
        name => readFile(nodePath.join(serviceDir, '.serverless', `${name}.zip`)),
        only,
        writeText,
      )
    })
  /** To be made in CAM by hand: who deploys need not be allowed to make roles. */
  const roles = async () => {
    const { tsImport } = await import('tsx/esm/api')
    const { rolesOnScf } = await tsImport('./scf-policies.ts', __filename)
    const { provider: own, service } = serverless.service
    const prefix = `${service}-${options.stage ?? own.stage ?? 'dev'}`
    for (const { role, policy } of rolesOnScf({
      region: options.region ?? own.region,
      uin: options.uin,
      prefix,
      eachUser: options['each-user'] ?? false,
    }))
      writeText([`${role}:`, JSON.stringify(policy, null, 2)].join('\n'))
  }
  const remove = () =>
    onScf(async ({ remove: run, scf, deployment }) => {
      await run(scf, deployment, writeText)
      rmSync(nodePath.join(serviceDir, mapFile), { force: true })
    })

  const region = { options: { region: { usage: 'Region, like ap-guangzhou', type: 'string' } } }
  const plugin = {
    commands: {
      deploy: { ...region, commands: { function: region } },
      ...Object.fromEntries(['info', 'remove', 'migrate'].map(name => [name, region])),
      roles: {
        usage: 'Shows the role of each class of functions, with its policy',
        lifecycleEvents: ['roles'],
        options: {
          ...region.options,
          uin: { usage: 'Id of the main account', type: 'string', required: true },
          'each-user': { usage: 'Every class has a database user of its own', type: 'boolean' },
        },
      },
    },
    hooks: {
      // the CLI does this for AWS only: what another run left behind is not of this package
      'package:cleanup': () => rmSync(nodePath.join(serviceDir, '.serverless'), { recursive: true, force: true }),
      'deploy:deploy': deploy,
      'after:deploy:deploy': info,
      // `deploy -f <name>` and `deploy --function <name>` are this command
      'deploy:function:packageFunction': () => serverless.pluginManager.spawn('package'),
      'deploy:function:deploy': deploy,
      'info:info': info,
      'roles:roles': roles,
      'remove:remove': remove,
    },
  }
  serverless.setProvider('tencent', plugin)
  return plugin
}

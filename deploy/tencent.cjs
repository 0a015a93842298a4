'use strict'
/**
 * The provider `tencent` for the Serverless CLI: what serverless.yml may say. What SCF would refuse (a five-field cron, a
 * missing region, an unknown event or key) is refused here, with its line, before anything is built.
 */
const { readFileSync, rmSync } = require('node:fs')
const { join } = require('node:path')
const { LineCounter, parseDocument } = require('yaml')

const closed = (properties, required) => ({ type: 'object', properties, required, additionalProperties: false })

/** SCF takes 64 MB, then steps of 128. */
const memorySize = { anyOf: [{ const: 64 }, { type: 'integer', minimum: 128, maximum: 3072, multipleOf: 128 }] }
const number = '[\\d*,/-]+'
const named = '[\\dA-Za-z*,/-]+'
const cron = { type: 'string', pattern: `^${number} ${number} ${number} ${number} ${named} ${named} ${number}$` }

const provider = closed(
  { runtime: { const: 'Nodejs20.19' }, region: { type: 'string', pattern: '^[a-z]{2}(-[a-z]+)+$' } },
  ['runtime', 'region'],
)
const functionKeys = closed(
  {
    handler: { type: 'string', pattern: '^functions/[a-z]+(-[a-z]+)*\\.main_handler$' },
    timeout: { type: 'integer', minimum: 1, maximum: 900 },
    memorySize,
  },
  ['handler', 'timeout', 'memorySize'],
)
const events = {
  http: closed({ path: { type: 'string', pattern: '^/' } }, ['path']),
  timer: closed({ cron, message: { type: 'string', maxLength: 4096 } }, ['cron']),
}

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

module.exports = function tencent(serverless) {
  const { configSchemaHandler, configurationFilename, serviceDir } = serverless
  configSchemaHandler.defineProvider('tencent', { provider, function: functionKeys })
  for (const [name, schema] of Object.entries(events)) {
    configSchemaHandler.defineFunctionEvent('tencent', name, schema)
  }
  const refuse = configSchemaHandler.handleErrorMessages.bind(configSchemaHandler)
  configSchemaHandler.handleErrorMessages = messages => {
    const text = messages.length > 0 ? readFileSync(join(serviceDir, configurationFilename), 'utf8') : ''
    refuse(messages.map(message => explain(message, configurationFilename, text)))
  }
  const plugin = {
    hooks: {
      // the CLI does this for AWS only: what another run left behind is not of this package
      'package:cleanup': () => rmSync(join(serviceDir, '.serverless'), { recursive: true, force: true }),
    },
  }
  serverless.setProvider('tencent', plugin)
  return plugin
}

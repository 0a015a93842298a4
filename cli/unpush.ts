/** `unpush`: takes pushes back from a terminal or a script (docs/command-line.md). */
import { readEnvironment } from './environment.ts'
import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

const environment = readEnvironment()
process.exitCode = await run(process.argv.slice(2), environment, processTerminal(environment))

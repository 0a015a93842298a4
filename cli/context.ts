/** What every command gets. */
import type { Api } from './api.ts'
import type { Environment } from './environment.ts'
import type { OptionName, SwitchName, ValueName } from './options.ts'
import type { Say } from './output/language.ts'
import type { Terminal } from './terminal.ts'

export interface Context {
  readonly say: Say
  readonly terminal: Terminal
  readonly environment: Environment
  /** Operands, in their order. */
  readonly operands: readonly string[]
  readonly value: (name: ValueName) => string | null
  readonly on: (name: SwitchName) => boolean
  /** As they were written, for the line that repeats the command. */
  readonly written: readonly { readonly name: OptionName; readonly value: string | null }[]
  readonly command: string
  /** Opened once; throws where nothing says which service is meant. */
  readonly api: () => Promise<Api>
  /** The one document of `--json`, or what people read instead. */
  readonly show: (document: unknown, lines: () => readonly string[]) => void
  /** A line beside the result. */
  readonly note: (line: string) => void
}

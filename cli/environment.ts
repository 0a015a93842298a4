/** What the command line takes from its environment: its only reader of `process.env`. An empty variable counts as unset. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface Environment {
  readonly url: string | null
  readonly key: string | null
  readonly keyFile: string | null
  /** Where profiles are kept. */
  readonly configFile: string
  /** As `LC_ALL` or `LANG` writes it: `zh_CN.UTF-8`. */
  readonly locale: string
  readonly color: boolean
  /** The terminal can move its cursor back. */
  readonly redraws: boolean
  /** Of the terminal, where the terminal itself does not say. */
  readonly columns: number | null
}

export function readEnvironment(
  variables: NodeJS.ProcessEnv = process.env,
  { platform }: Pick<NodeJS.Process, 'platform'> = process,
): Environment {
  const read = (name: string): string | null => variables[name] || null
  // who does not say what it is may be anything: only Windows has no such variable
  const dumb = platform === 'win32' ? read('TERM') === 'dumb' : (read('TERM') ?? 'dumb') === 'dumb'
  const columns = Number(read('COLUMNS'))
  return {
    url: read('UNPUSH_URL'),
    key: read('UNPUSH_KEY'),
    keyFile: read('UNPUSH_KEY_FILE'),
    configFile: join(read('XDG_CONFIG_HOME') ?? join(read('HOME') ?? homedir(), '.config'), 'unpush', 'config.json'),
    locale: read('LC_ALL') ?? read('LC_MESSAGES') ?? read('LANG') ?? '',
    color: !dumb && read('NO_COLOR') === null,
    redraws: !dumb,
    columns: Number.isInteger(columns) && columns > 0 ? columns : null,
  }
}

import packageJson from '../package.json' with { type: 'json' }

/** Of this command line; the service tells its own. */
export const { version } = packageJson

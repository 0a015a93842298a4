/**
 * The sources of this version.
 */
import { ConfigError, type SecretsChoice } from '../config.ts'
import { fileSource } from './file.ts'
import { sandboxSource } from './sandbox.ts'
import type { SecretSource } from './source.ts'

/** Throws ConfigError where the choice is one of the contract that this version does not have. */
export function openSecretSource(choice: SecretsChoice): SecretSource {
  switch (choice.kind) {
    case 'sandbox':
      return sandboxSource()
    case 'file':
      return fileSource(choice.path)
    case 'tencent-ssm':
    case 'aws-secrets-manager':
      throw new ConfigError(`SECRETS=${choice.kind} is not in this version, which has: sandbox, file:<path>.`)
    default:
      return choice satisfies never
  }
}

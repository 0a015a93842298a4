/**
 * The sources there are.
 */
import type { SecretsChoice } from '../config.ts'
import { awsSecretsManagerSource } from './aws-secrets-manager.ts'
import { fileSource } from './file.ts'
import { sandboxSource } from './sandbox.ts'
import type { SecretSource } from './source.ts'
import { tencentSsmSource } from './tencent-ssm.ts'

export function openSecretSource(choice: SecretsChoice): SecretSource {
  switch (choice.kind) {
    case 'sandbox':
      return sandboxSource()
    case 'file':
      return fileSource(choice.path)
    case 'tencent-ssm':
      return tencentSsmSource(choice)
    case 'aws-secrets-manager':
      return awsSecretsManagerSource(choice)
    default:
      return choice satisfies never
  }
}

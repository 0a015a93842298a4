/**
 * What SCF's API takes (https://cloud.tencent.com/document/api/583/17232), as far as deploying goes: name → kind, with `!`
 * where it must be there.
 */
export const configurable = {
  Description: 'string',
  MemorySize: 'number',
  Timeout: 'number',
  Environment: 'object',
  Runtime: 'string',
  VpcConfig: 'object',
  Role: 'string',
  PublicNetConfig: 'object',
}
const placed = { FunctionName: 'string!', Namespace: 'string' }
const trigger = { TriggerName: 'string!', Type: 'string!', Qualifier: 'string', TriggerDesc: 'string' }
const set = { ...trigger, Enable: 'string', CustomArgument: 'string', Description: 'string' }
const domain = { Domain: 'string!', Protocol: 'string!', EndpointsConfig: 'list!', CertConfig: 'object' }
export const parameters: { readonly [action: string]: { readonly [name: string]: string } } = {
  CreateFunction: { ...placed, ...configurable, Code: 'object!', Handler: 'string', Type: 'string' },
  UpdateFunctionCode: { ...placed, ZipFile: 'string', Handler: 'string' },
  UpdateFunctionConfiguration: { ...placed, ...configurable },
  GetFunction: { ...placed, ShowCode: 'string', Qualifier: 'string' },
  DeleteFunction: { ...placed, Qualifier: 'string' },
  ListTriggers: { ...placed, Limit: 'number', Offset: 'number' },
  CreateTrigger: { ...placed, ...set },
  UpdateTrigger: { ...placed, ...set },
  DeleteTrigger: { ...placed, ...trigger },
  GetCustomDomain: { Domain: 'string!' },
  CreateCustomDomain: domain,
  UpdateCustomDomain: domain,
  DeleteCustomDomain: { Domain: 'string!' },
}

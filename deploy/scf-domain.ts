/**
 * One domain for all functions (https://cloud.tencent.com/document/product/583/111926): SCF routes by path alone, which is
 * why every function owns its prefixes.
 */
import { listIn, objectIn, type Scf } from './scf-api.ts'

export interface WantedDomain {
  readonly name: string
  readonly certificateId: string
  /** Who owns what is at and below a prefix. */
  readonly prefixes: readonly { readonly prefix: string; readonly function: string }[]
}

/** Returns whether anything was changed. */
export async function deployDomain(scf: Scf, { name, certificateId, prefixes }: WantedDomain): Promise<boolean> {
  const endpoints = prefixes.flatMap(({ prefix, function: owner }) =>
    [prefix, prefix === '/' ? '/*' : `${prefix}/*`].map(path => ({
      Namespace: 'default',
      FunctionName: owner,
      Qualifier: '$DEFAULT',
      PathMatch: path,
    })),
  )
  const wanted = {
    Domain: name,
    Protocol: 'HTTPS',
    CertConfig: { CertificateId: certificateId },
    EndpointsConfig: endpoints,
  }
  const known = await scf.find('GetCustomDomain', { Domain: name })
  if (known === null) {
    await scf.call('CreateCustomDomain', wanted)
    return true
  }
  const routes = (list: readonly object[]) =>
    list
      .map((entry: { FunctionName?: unknown; Qualifier?: unknown; PathMatch?: unknown }) =>
        [entry.PathMatch, entry.FunctionName, entry.Qualifier].join(' '),
      )
      .sort()
      .join()
  const same =
    known['Protocol'] === wanted.Protocol &&
    objectIn(known, 'CertConfig')['CertificateId'] === certificateId &&
    routes(listIn(known, 'EndpointsConfig')) === routes(endpoints)
  if (!same) await scf.call('UpdateCustomDomain', wanted)
  return !same
}

export async function removeDomain(scf: Scf, name: string): Promise<void> {
  if ((await scf.find('GetCustomDomain', { Domain: name })) !== null)
    await scf.find('DeleteCustomDomain', { Domain: name })
}

import * as v from 'valibot';
import { CudaInstallError } from './cuda-install-error.ts';
import type { CudaPackage } from './cuda-package.ts';

/** A package as its feed has it. */
export interface PublishedPackage {
  readonly url: string;
  readonly bytes: number;
  /** The SHA-512 checksum in base 64. */
  readonly sha512: string;
}

/** The documents of NuGet's V3 protocol, as far as they are needed (learn.microsoft.com/nuget/api). */
const serviceIndex = v.object({ resources: v.array(v.object({ '@id': v.string(), '@type': v.string() })) });
const registrationLeaf = v.object({ catalogEntry: v.string(), packageContent: v.string() });
const catalogLeaf = v.object({
  packageHash: v.string(),
  packageHashAlgorithm: v.literal('SHA512'),
  packageSize: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

/** The resources that hold all packages come first. */
const REGISTRATIONS = ['RegistrationsBaseUrl/3.6.0', 'RegistrationsBaseUrl/3.4.0', 'RegistrationsBaseUrl'];

/**
 * Asks the feed where a package lies, how large it is and what its checksum is.
 * @throws CudaInstallError
 */
export async function findPublishedPackage(
  { feed, name, version }: CudaPackage,
  signal: AbortSignal,
): Promise<PublishedPackage> {
  const { protocol } = new URL(feed);
  const read = async <Schema extends v.GenericSchema>(url: string, schema: Schema): Promise<v.InferOutput<Schema>> => {
    const response = await fetchChecked(url, protocol, signal);
    const parsed = v.safeParse(schema, await readJson(response));
    if (parsed.success) return parsed.output;
    throw new CudaInstallError('The package feed answers otherwise than expected: update Voxel Loop, or try later.', {
      cause: v.summarize(parsed.issues),
    });
  };
  const { resources } = await read(feed, serviceIndex);
  const base = REGISTRATIONS.flatMap((type) => resources.filter((each) => each['@type'] === type))[0]?.['@id'];
  if (base === undefined) throw new CudaInstallError('The package feed lists no packages: try later.');
  const leaf = `${base.replace(/\/?$/, '/')}${name.toLowerCase()}/${version.toLowerCase()}.json`;
  const { catalogEntry, packageContent } = await read(leaf, registrationLeaf);
  const { packageHash, packageSize } = await read(catalogEntry, catalogLeaf);
  requireSafe(packageContent, protocol);
  return { url: packageContent, bytes: packageSize, sha512: packageHash };
}

/** @throws CudaInstallError */
async function readJson(response: Response): Promise<unknown> {
  const text = await response.text().catch((cause: unknown) => {
    throw unreachable(cause);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CudaInstallError(
      "Something else answers in place of the package feed, perhaps the network's login page: open a web page in a browser, then try again.",
      { cause },
    );
  }
}

/** @throws CudaInstallError where an address is none, or uses another protocol than the feed */
function requireSafe(url: string, protocol: string): void {
  if (URL.canParse(url) && new URL(url).protocol === protocol) return;
  throw new CudaInstallError('The package feed leads to an address that is not safe: nothing was installed.', {
    cause: url,
  });
}

const MOST_REDIRECTS = 5;

/**
 * Fetches an address. Redirects are followed here, because each could lead away from TLS and back.
 * @param protocol the feed's protocol: it must not lead to one on which nobody proves who they are
 * @throws CudaInstallError
 */
export async function fetchChecked(url: string, protocol: string, signal: AbortSignal): Promise<Response> {
  let address = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    requireSafe(address, protocol);
    const response = await fetch(address, { signal, redirect: 'manual' }).catch((cause: unknown) => {
      throw unreachable(cause);
    });
    if (response.ok) return response;
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) throw refused(address, response);
    address = URL.canParse(location, address) ? new URL(location, address).href : location;
  }
  throw new CudaInstallError('The package feed sends us round in circles, so nothing was installed: try later.');
}

function refused(address: string, { status, statusText }: Response): CudaInstallError {
  return new CudaInstallError(
    `${new URL(address).host} answers with ${status} ${statusText}`.trim() +
      ', so CUDA support was not installed: try later.',
  );
}

/** Makes the error for a feed that cannot be reached. Behind a proxy, Node asks the proxy only where it is told to. */
export function unreachable(cause: unknown): CudaInstallError {
  return new CudaInstallError(
    'The package feed cannot be reached, so CUDA support was not installed: check the connection (behind a proxy, set HTTPS_PROXY), and try again.',
    { cause },
  );
}

// A Vulkan driver that computes on the processor (Mesa's lavapipe): WebGPU is tested on it, so that no graphics card is
// needed and every machine computes alike. It proves function, not speed.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { mustRun, Obstacle } from './command.mjs';
import { cacheFolder, findOnPath, repositoryRoot } from './paths.mjs';

/** ONNX Runtime's WebGPU refuses 22.3 (Debian 12); 25 was tried. It is the first whose driver says that it knows Vulkan 1.4. */
const oldestMesa = 25;
const oldestVulkan = 1.4;
/** The driver, and the loader through which programs find drivers. */
const driverPackage = 'mesa-vulkan-drivers';
const packages = [driverPackage, 'libvulkan1'];

const folder = join(cacheFolder, 'software-vulkan');

/**
 * Whether ONNX Runtime has WebGPU for this platform. A library that is there and does not load is a failure, no answer.
 * @param {string} [runtime] onnxruntime-node
 * @returns {boolean}
 */
export function hasWebGpu(runtime = join(repositoryRoot, 'node_modules/onnxruntime-node')) {
  if (!existsSync(join(runtime, 'bin/napi-v6', process.platform, process.arch))) return false;
  /** @type {import('onnxruntime-node')} */
  const { listSupportedBackends } = createRequire(import.meta.url)(runtime);
  return listSupportedBackends().some(({ name }) => name === 'webgpu');
}

/**
 * Makes sure that programs which are started with the environment that it returns find the driver. On Linux: the system's, if it is new enough, else Debian's packages,
 * unpacked in the cache folder (20 MB to fetch) and never installed. Other systems bring what WebGPU stands on. `VK_ICD_FILENAMES` chooses another driver.
 *
 * @returns {Promise<Record<string, string>>} for a process from its start: a running one no longer looks
 * @throws {Obstacle} where the driver cannot be had
 */
export async function ensureSoftwareVulkan() {
  if (process.platform !== 'linux' || process.env.VK_ICD_FILENAMES !== undefined) return {};
  const ofSystem = findDriver('/');
  if (ofSystem !== undefined) return { VK_ICD_FILENAMES: ofSystem };
  if (findDriver(folder) === undefined) await fetchDriver();
  const libraries = join(folder, 'usr/lib');
  const library = /** @type {string} */ (readdirSync(libraries).find((name) => name.endsWith('-linux-gnu')));
  return {
    VK_ICD_FILENAMES: /** @type {string} */ (findDriver(folder)),
    LD_LIBRARY_PATH: [join(libraries, library), process.env.LD_LIBRARY_PATH ?? []].flat().join(delimiter),
    // Compiled shaders are kept: beside the driver, not in the user's home. For narrow vectors they compile in two thirds of the time.
    MESA_SHADER_CACHE_DIR: join(folder, 'shaders'),
    LP_NATIVE_VECTOR_WIDTH: '128',
  };
}

/**
 * @param {string} root of a file system
 * @returns {string | undefined} the file that names the driver, if there is one that is new enough
 */
function findDriver(root) {
  const drivers = join(root, 'usr/share/vulkan/icd.d');
  if (!existsSync(drivers)) return undefined;
  return readdirSync(drivers)
    .filter((name) => name.startsWith('lvp_icd'))
    .map((name) => join(drivers, name))
    .find((file) => Number.parseFloat(JSON.parse(readFileSync(file, 'utf8')).ICD.api_version) >= oldestVulkan);
}

/** The folder appears only when it is complete. */
async function fetchDriver() {
  if (findOnPath('apt-get') === undefined || findOnPath('dpkg') === undefined) {
    throw new Obstacle(
      `WebGPU is tested on a Vulkan driver that computes on the processor: install Mesa's lavapipe ${oldestMesa} or newer with the Vulkan loader (on Debian ${packages.join(' and ')}), or name another driver's file in VK_ICD_FILENAMES, then run the command again.`,
    );
  }
  console.log(`Fetching a Vulkan driver that computes on the processor: ${packages.join(' ')} ...`);
  const partial = `${folder}.partial-${process.pid}`;
  const apt = join(partial, 'apt');
  try {
    for (const each of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(apt, each), { recursive: true });
    await downloadPackages(apt);
    const archives = join(apt, 'cache/archives');
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await mustRun('dpkg', ['-x', join(archives, file), partial]);
    }
    rmSync(apt, { recursive: true });
    if (findDriver(partial) === undefined)
      throw new Obstacle(`The packages ${packages.join(' and ')} hold no lavapipe.`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * Downloads the packages with all that this system lacks for them, from where the system's own come from. A stable Debian that is too old has newer drivers among its backports.
 * @param {string} apt a folder for package lists and archives
 */
async function downloadPackages(apt) {
  const sourcesFile = join(apt, 'sources.list');
  const options = [
    ['Dir::Etc::SourceList', sourcesFile],
    ['Dir::Etc::SourceParts', '-'],
    ['Dir::State::Lists', join(apt, 'lists')],
    ['Dir::Cache', join(apt, 'cache')],
    ['APT::Keep-Downloaded-Packages', 'true'],
    // Nothing of the system is changed, so nobody need be root, and nobody else be kept waiting.
    ['Debug::NoLocking', 'true'],
    ['APT::Sandbox::User', userInfo().username],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const release = thisRelease();
  const { uri, suites } = await sourcesOf(release);
  const backports = `${release.name}-backports`;
  for (const { offered, chosen } of [
    { offered: suites, chosen: [] },
    { offered: { ...suites, [backports]: ['main'] }, chosen: ['-t', backports] },
  ]) {
    const lines = Object.entries(offered).map(
      ([suite, parts]) => `deb ${release.option}${uri} ${suite} ${parts.join(' ')}\n`,
    );
    writeFileSync(sourcesFile, lines.join(''));
    await mustRun('apt-get', [...options, 'update'], { env });
    const policy = await mustRun('apt-cache', [...options, ...chosen, 'policy', driverPackage], { env });
    if (Number.parseInt(/Candidate: (?:\d+:)?(\d+)/.exec(policy)?.[1] ?? '0', 10) < oldestMesa) continue;
    const install = ['install', '-y', '--download-only', '--no-install-recommends', ...packages];
    await mustRun('apt-get', [...options, ...chosen, ...install], { env });
    return;
  }
  throw new Obstacle(
    `This system offers no ${driverPackage} ${oldestMesa} or newer, on which WebGPU is tested: name another Vulkan driver's file in VK_ICD_FILENAMES and run the command again.`,
  );
}

/**
 * @typedef {object} Release
 * @property {string} name "bookworm"
 * @property {string} option for its lines in a list of sources, with a space behind it: whose signature is asked for
 */

/** @returns {Release} of this system */
function thisRelease() {
  const facts = readFileSync('/etc/os-release', 'utf8');
  const name = /^VERSION_CODENAME=(.+)$/m.exec(facts)?.[1];
  if (name === undefined) throw new Obstacle('/etc/os-release does not name the release of this system.');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const isSigned = /^ID=debian$/m.test(facts) && existsSync(keys);
  return { name, option: isSigned ? `[signed-by=${keys}] ` : '' };
}

/**
 * Where the system's packages come from: the suites of its release that lie in one place.
 * @param {Release} release
 * @returns {Promise<{ uri: string, suites: Record<string, string[]> }>} the components of each suite
 */
async function sourcesOf({ name }) {
  const format = ['--format', '$(REPO_URI)|$(RELEASE)|$(COMPONENT)', 'Created-By: Packages'];
  const targets = (await mustRun('apt-get', ['indextargets', ...format]))
    .trim()
    .split('\n')
    .map((line) => line.split('|'));
  const main = targets.find(([, suite, component]) => suite === name && component === 'main');
  if (main === undefined) throw new Obstacle(`apt knows no place where the packages of ${name} come from.`);
  const [uri = ''] = main;
  /** @type {Record<string, string[]>} */
  const suites = {};
  for (const [from, suite = '', component = ''] of targets) {
    if (from === uri && suite.startsWith(name)) suites[suite] = [...(suites[suite] ?? []), component];
  }
  return { uri, suites };
}

import { execFileSync } from 'node:child_process';

/** A graphics card of a Windows machine, and the version of its driver. */
export interface DisplayAdapter {
  readonly name: string;
  readonly driverVersion: string;
}

/** Microsoft's device class "Display adapters" (System-Defined Device Setup Classes). */
const KEY = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}`;

let known: readonly DisplayAdapter[] | undefined;

/** Lists the adapters as the registry has them. The list is empty where it cannot be asked. A process asks it once. */
export function windowsDisplayAdapters(): readonly DisplayAdapter[] {
  known ??= parseDisplayAdapters(askRegistry());
  return known;
}

function askRegistry(): string {
  try {
    return execFileSync('reg', ['query', KEY, '/s'], {
      encoding: 'utf8',
      timeout: 5000,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    // A subkey that only the system may read makes the command fail after it has told the others.
    const { stdout } = error as { stdout?: unknown };
    return typeof stdout === 'string' ? stdout : '';
  }
}

/**
 * @param text the output of `reg query KEY /s`: a line with the key for each adapter ("...\0000"), then its values,
 * indented
 */
export function parseDisplayAdapters(text: string): readonly DisplayAdapter[] {
  const found: DisplayAdapter[] = [];
  for (const [, values = ''] of text.matchAll(/^HKEY_\S+\\\d{4}\r?\n((?:[ \t].*(?:\r?\n|$))*)/gm)) {
    const value = (name: string) => new RegExp(`^\\s+${name}\\s+REG_SZ\\s+(.+?)\\s*$`, 'm').exec(values)?.[1];
    const [name, driverVersion] = [value('DriverDesc'), value('DriverVersion')];
    if (name !== undefined && driverVersion !== undefined) found.push({ name, driverVersion });
  }
  return found;
}

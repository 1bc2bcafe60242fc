import process from 'node:process';

/** A machine, as far as it decides which binaries there are. */
export interface Platform {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** It is true on Linux with musl's C library (Alpine), for which onnxruntime-node has no binary. */
  readonly isMusl: boolean;
}

export function thisPlatform(): Platform {
  const isMusl = process.platform === 'linux' && glibcVersion() === undefined;
  return { platform: process.platform, arch: process.arch, isMusl };
}

/** Node has this field since version 22.13. */
type ReportWithoutNetwork = NodeJS.ProcessReport & { excludeNetwork?: boolean };

/** Only glibc's Node says which glibc it runs on. */
function glibcVersion(): string | undefined {
  const report: ReportWithoutNetwork | undefined = process.report;
  if (!report) return undefined;
  const before = report.excludeNetwork ?? false;
  // Otherwise the names of all open connections are looked up first, and a machine without name service waits for
  // seconds.
  report.excludeNetwork = true;
  try {
    return (report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime;
  } finally {
    report.excludeNetwork = before;
  }
}

import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { runCommand } from '../run-command.ts';
import { machineProgram, root } from '../set-up/paths.mjs';

// What a host uses. The command (`telemetry.js` too, which a host may mount), what an auditor reads, and
// the three files that every package has come on top.
const library =
  /^dist\/(?:(?:index|hosts|contract)\.(?:c?js|d\.c?ts)|sender\.js|thread\.mjs|THIRD-PARTY-LICENSES\.txt)$/;

// An embedded library should cost its host no more disk than a few pictures.
const maxLibraryBytes = 1_000_000;
const maxLibraryFiles = 15;

/** The package as npm would publish it. */
export interface Tarball {
  readonly path: string;
  /** The paths of its files. */
  readonly files: readonly string[];
}

// Every published file is one of these; a source, a test or a snapshot of something else is not.
const publishable = [
  /^(?:package\.json|LICENSE|(?:README|TELEMETRY|CHANGELOG)\.md)$/,
  /^docs\/(?:consent|data|sending)\.md$/,
  /^dist\/[\w-]+\.c?js$/,
  /^dist\/thread\.mjs$/,
  /^dist\/hashes\.json$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^dist\/\w+\.d\.c?ts$/,
];

// Nothing in package.json names these, and the package is broken without them.
const needed = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'TELEMETRY.md',
  'docs/consent.md',
  'docs/data.md',
  'docs/sending.md',
  'dist/THIRD-PARTY-LICENSES.txt',
  'dist/codegraph.js',
  'dist/codegraph-telemetry.js',
  'dist/guest.js',
  'dist/hashes.json',
  'dist/thread.mjs',
];

/**
 * Packs the built package into `folder`.
 *
 * @throws Error when npm fails.
 */
export async function pack(folder: string): Promise<Tarball> {
  // The shell is for Windows, where npm is a script.
  const npm = `"${machineProgram('npm')}" pack --json --ignore-scripts --loglevel=error --no-update-notifier`;
  const { code, output } = await runCommand(`${npm} --pack-destination "${folder}"`, [], {
    cwd: root,
    env: process.env,
    shell: true,
  });
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  const [packed]: { filename: string; files: { path: string }[] }[] = JSON.parse(output);
  if (packed === undefined) throw new Error('npm pack made no package.');
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

/**
 * Checks what is in the package by name.
 *
 * @throws Error naming every file that must not be there and every one that is missing.
 */
export function checkFiles({ files }: Tarball): void {
  const surplus = files.filter((file) => !publishable.some((pattern) => pattern.test(file)));
  const missing = needed.filter((file) => !files.includes(file));
  const problems = [
    ...surplus.map((file) => `must not be published: ${file}`),
    ...missing.map((file) => `is missing from the package: ${file}`),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** The files of the package that a host uses, and their bytes once installed. */
export function sizeOfLibrary({ files }: Tarball): {
  readonly files: number;
  readonly bytes: number;
} {
  const own = files.filter((file) => library.test(file));
  const sizes = own.map((file) => statSync(join(root, file)).size);
  return { files: own.length, bytes: sizes.reduce((total, size) => total + size, 0) };
}

/** @throws Error when the library has grown beyond its bounds. */
export function checkSize(tarball: Tarball): void {
  const { files, bytes } = sizeOfLibrary(tarball);
  if (files <= maxLibraryFiles && bytes <= maxLibraryBytes) return;
  throw new Error(
    `The library has ${files} files and ${bytes} bytes; allowed are ${maxLibraryFiles} and ${maxLibraryBytes}.`,
  );
}

/**
 * Checks that package.json tells the truth about the files, with publint.
 *
 * @throws Error with publint's findings, suggestions included.
 */
export async function checkManifest({ path }: Tarball): Promise<void> {
  const bytes = await readFile(path);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  if (messages.length === 0) return;
  const lines = messages.map((message) => formatMessage(message, pkg, { color: false }));
  throw new Error(`publint:\n${lines.join('\n')}`);
}

/**
 * Has npm do all of a publication except what needs the registry.
 *
 * @throws Error when npm refuses, or would publish another package.json than ours.
 */
export async function checkPublication({ path }: Tarball): Promise<void> {
  const npm = `"${machineProgram('npm')}" publish --dry-run --offline --ignore-scripts --no-update-notifier`;
  const { code, output } = await runCommand(`${npm} "${path}"`, [], {
    cwd: root,
    env: process.env,
    shell: true,
  });
  if (code !== 0 || output.includes('auto-corrected')) {
    throw new Error(`npm publish --dry-run ended with ${code}:\n${output}`);
  }
}

/**
 * Checks that every entry has types, in each way a program may resolve it, with attw.
 *
 * @throws Error with attw's findings.
 */
export async function checkResolution({ path }: Tarball): Promise<void> {
  const analysis = await checkPackage(createPackageFromTarballData(await readFile(path)), {
    excludeEntrypoints: ['./thread'],
  });
  if (!analysis.types) throw new Error('attw: the package has no types.');
  // Before Node 12.7 there were no entries but one, and our oldest is 20.
  const problems = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
  );
  if (problems.length > 0) throw new Error(`attw:\n${JSON.stringify(problems, undefined, 2)}`);
}

import { Writable } from 'node:stream';

// What clack writes even to terminals that it takes for having no Unicode. Substitutes are as wide:
// clack counts columns before they are put in.
const substitutes = new Map([
  ['\u2191', '^'],
  ['\u2193', 'v'],
  ['\u2022', '*'],
  ['\u2014', '-'],
]);

/** The terminal, for clack, where it has nothing but ASCII. */
export function openAsciiOutput(terminal: NodeJS.WriteStream): Writable {
  const output = new Writable({
    decodeStrings: false,
    write: (text: unknown, _encoding, done) => {
      terminal.write(toAscii(String(text)), done);
    },
  });
  terminal.on('resize', () => output.emit('resize'));
  return Object.defineProperties(output, {
    columns: { get: () => terminal.columns },
    rows: { get: () => terminal.rows },
  });
}

/** The text in ASCII. */
export function toAscii(text: string): string {
  return [...substitutes].reduce(
    (ascii, [mark, substitute]) => ascii.replaceAll(mark, substitute),
    text,
  );
}

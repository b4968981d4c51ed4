// Escape sequences begin with control characters, of which C1 has a one-character form; the others turn
// the direction of a line around, or hide in it.
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/**
 * A text that we did not write, such as one of a file or an endpoint, on its way to a terminal: one line,
 * in which nothing can move the cursor, change the screen or hide. JSON keeps its meaning.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same for a text of lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

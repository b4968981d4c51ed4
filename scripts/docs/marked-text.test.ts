import { expect, it } from 'vitest';
import { handWritten, readPart, replaceParts } from './marked-text.ts';

const page = `# Title

<!-- generated: one -->

old

<!-- /generated -->

by hand

<!-- generated: theirs -->

a figure

<!-- /generated -->
`;

it('puts a part between its markers and leaves everything else', () => {
  const wanted = page.replace('old', 'new');

  expect(replaceParts(page, { one: 'new' }, ['theirs'])).toBe(wanted);
  expect(replaceParts(wanted, { one: 'new' }, ['theirs'])).toBe(wanted);
});

it('tells what a person wrote from what is generated', () => {
  expect(handWritten(page)).toBe('# Title\n\n\nby hand\n\n');
  expect(readPart(page, 'theirs')).toBe('\na figure\n\n');
  expect(readPart(page, 'nobody')).toBeUndefined();
});

it.each([
  { name: 'the page has a part that nothing makes', text: page, parts: {}, message: /one/ },
  { name: 'a part has no place', text: '# Title\n', parts: { one: 'new' }, message: /one/ },
  {
    name: 'a marker is not closed',
    text: '<!-- generated: one -->\n',
    parts: { one: 'new' },
    message: /Not closed/,
  },
  {
    name: 'a marker opens inside another',
    text: '<!-- generated: one -->\n<!-- generated: two -->\n',
    parts: { one: 'new' },
    message: /Not a pair/,
  },
  {
    name: 'a marker closes nothing',
    text: '<!-- /generated -->\n',
    parts: {},
    message: /Not a pair/,
  },
])('refuses a page where $name', ({ text, parts, message }) => {
  expect(() => replaceParts(text, parts, ['theirs'])).toThrow(message);
});

import { describe, expect, it } from 'vitest';
import { findNotes } from './notes.ts';

const changelog = `# Changelog

## [Unreleased]

- Later.

## [1.2.0] - 2026-11-29

### Data

- One field less.

## [1.1.0]

- No date.

## [1.0.0] - 2026-01-01
`;

describe('the notes of a release', () => {
  it('are what stands below its heading', () => {
    expect(findNotes(changelog, '1.2.0')).toBe('### Data\n\n- One field less.\n');
  });

  it.each([
    ['has no heading', '1.3.0', 'no heading'],
    ['is part of another', '1.2', 'no heading'],
    ['has no date', '1.1.0', 'no date'],
    ['has no text', '1.0.0', 'says nothing'],
  ])('are refused when the version %s', (_, version, message) => {
    expect(() => findNotes(changelog, version)).toThrow(message);
  });
});

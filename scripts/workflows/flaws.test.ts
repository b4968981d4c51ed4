import { describe, expect, it } from 'vitest';
import { findFlaws } from './flaws.ts';

const sha = '3d3c42e5aac5ba805825da76410c181273ba90b1';
const scripts = ['test', 'check', 'release:prepare'];

describe('a workflow', () => {
  it.each([
    ['an action by its commit', `      - uses: actions/checkout@${sha} # v7.0.1`],
    ['a script', '      - run: npm test'],
    ['a script with arguments', '      - run: npm run release:prepare -- --tag "$GITHUB_REF_NAME"'],
    ['what a build server runs', '      - run: .ci/run'],
  ])('may name %s', (_, step) => {
    expect(findFlaws(step, scripts)).toEqual([]);
  });

  it.each([
    ['an action by its tag', '      - uses: actions/checkout@v7'],
    ['an action by a branch', '        uses: actions/checkout@main'],
    ['a commit of no version', `      - uses: actions/checkout@${sha}`],
    ['a script that is none', '      - run: npm run tset'],
    ['a second command', '      - run: npm test && curl example.com'],
    ['lines of its own', '      - run: |'],
  ])('may not name %s', (_, step) => {
    expect(findFlaws(step, scripts)).toHaveLength(1);
  });
});

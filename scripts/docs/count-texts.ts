/**
 * How many texts `pattern` matches. Reads what the contract's patterns are made of: literals, classes,
 * groups of alternatives, and repetitions with a bound. No text may match in two ways.
 *
 * @throws Error when the pattern has anything else, or no end.
 */
export function countTexts({ source }: RegExp): number {
  const tokens = source.match(/\\.|\(\?:|\[[^\]]*\]|\{[^}]*\}|./g) ?? [];
  if (tokens.shift() !== '^' || tokens.pop() !== '$') throw new Error(`No bounds: ${source}`);
  const count = countAlternatives(tokens);
  if (tokens.length > 0) throw new Error(`Not read: ${tokens.join('')} of ${source}`);
  return count;
}

/** Takes what it reads from `tokens`. */
function countAlternatives(tokens: string[]): number {
  let [all, alternative] = [0, 1];
  while (tokens.length > 0 && tokens[0] !== ')') {
    const token = tokens.shift()!;
    if (token === '|') [all, alternative] = [all + alternative, 1];
    else alternative *= repeat(countOne(token, tokens), tokens);
  }
  return all + alternative;
}

function countOne(token: string, tokens: string[]): number {
  if (token === String.raw`\d`) return 10;
  if (token === '(?:') {
    const count = countAlternatives(tokens);
    tokens.shift();
    return count;
  }
  if (token.startsWith('[')) return countClass(token);
  if (/^(?:\\\W|[^\W_]|[-:])$/.test(token)) return 1;
  throw new Error(`Not read: ${token}`);
}

function countClass(token: string): number {
  return token
    .slice(1, -1)
    .match(/.-.|./g)!
    .reduce((count, [first = '', , last = first]) => {
      return count + last.charCodeAt(0) - first.charCodeAt(0) + 1;
    }, 0);
}

/** `count` ways, as often as the repetition that comes next allows. */
function repeat(count: number, tokens: string[]): number {
  const [token = ''] = tokens;
  const found = token === '?' ? ['', '0', '1'] : /^\{(\d+)(?:,(\d+))?\}$/.exec(token);
  if (found === null) return count;
  tokens.shift();
  const [, least = '', most = least] = found;
  let all = 0;
  for (let times = Number(least); times <= Number(most); times++) all += count ** times;
  return all;
}

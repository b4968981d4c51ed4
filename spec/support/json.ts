/** A value as JSON has it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every place in a value, as keys with dots between them; the whole is ''. */
export function pathsOf(value: Json, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  const below = Object.entries(value).flatMap(([key, item]) =>
    pathsOf(item, prefix === '' ? key : `${prefix}.${key}`),
  );
  return [prefix, ...below];
}

/** What stands at a place; undefined when nothing does. */
export function valueAt(value: Json, path: string): Json | undefined {
  let found: Json | undefined = value;
  for (const key of keysOf(path)) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string, Json>>)[key];
  }
  return found;
}

/** A copy with another value at a place. */
export function withValue(value: Json, path: string, replacement: Json): Json {
  return replaced(value, keysOf(path), () => replacement);
}

/** A copy with one more key in the object at a place, of its own even when it is `__proto__`. */
export function withKey(value: Json, path: string, key: string, item: Json): Json {
  const text = (object: Json): string => JSON.stringify({ ...(object as object), '\0': item });
  return replaced(
    value,
    keysOf(path),
    (object) => JSON.parse(text(object).replace('"\\u0000":', `${JSON.stringify(key)}:`)) as Json,
  );
}

/** A copy without what stands at a place. */
export function without(value: Json, path: string): Json {
  const keys = keysOf(path);
  const last = keys.at(-1) ?? '';
  return replaced(value, keys.slice(0, -1), (object) =>
    Object.fromEntries(Object.entries(object as object).filter(([key]) => key !== last)),
  );
}

function keysOf(path: string): readonly string[] {
  return path === '' ? [] : path.split('.');
}

function replaced(value: Json, keys: readonly string[], change: (value: Json) => Json): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.with(Number(key), replaced(value[Number(key)]!, rest, change));
  const object = value as { [key: string]: Json };
  return { ...object, [key]: replaced(object[key]!, rest, change) };
}

// `wrangler types` makes a literal type of each variable; a deployment may set another value.
type Widened<Value> = Value extends string ? string : Value extends number ? number : Value;

/** Bindings of wrangler.jsonc, and the secret that need not be there. */
export type IngestEnv = { readonly [Name in keyof Env]: Widened<Env[Name]> } & {
  readonly POSTHOG_KEY?: string;
};

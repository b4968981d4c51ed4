declare global {
  interface ImportMeta {
    /** Vite's, as far as it is used here. */
    glob(
      pattern: string,
      options: { readonly eager: true; readonly import: 'default' },
    ): Record<string, unknown>;
  }
}

/** Recorded bodies by file name; they are JSON, and nothing more is known of them. */
export type Vectors = readonly (readonly [file: string, body: unknown])[];

/** What the published client, schema 2, sent. */
export const publishedClient = listed(
  import.meta.glob('../../spec/vectors/published-client/*.json', {
    eager: true,
    import: 'default',
  }),
);

/** Reports of schema 3. */
export const reports = listed(
  import.meta.glob('../../spec/vectors/reports/*.json', { eager: true, import: 'default' }),
);

function listed(modules: Record<string, unknown>): Vectors {
  return Object.entries(modules).map(([path, body]) => [path.split('/').at(-1) ?? path, body]);
}

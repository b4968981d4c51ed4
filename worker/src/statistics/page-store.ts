/** What is served: finished bodies by path. */
export interface PageStore {
  readonly read: (path: string) => Promise<Page | undefined>;
  /** Writes all or nothing of a period; what is there already is replaced. */
  readonly write: (pages: readonly Page[], period: PublishedPeriod) => Promise<void>;
  readonly readState: (period: string) => Promise<string | undefined>;
}

export interface Page {
  readonly path: string;
  readonly type: string;
  readonly body: string;
  readonly published: string;
}

export interface PublishedPeriod {
  readonly period: string;
  readonly state: PeriodState;
  readonly published: string;
}

/** `published` may still change; `final` does not. */
export type PeriodState = 'published' | 'final';

export function openPages(db: D1Database): PageStore {
  return {
    read: async (path) =>
      (await db
        .prepare('SELECT path, type, body, published FROM pages WHERE path = ?1')
        .bind(path)
        .first<Page>()) ?? undefined,
    write: async (pages, { period, state, published }) => {
      await db.batch([
        ...pages.map((page) =>
          db
            .prepare(
              `INSERT INTO pages (path, type, body, published) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET type = excluded.type, body = excluded.body,
                 published = excluded.published`,
            )
            .bind(page.path, page.type, page.body, page.published),
        ),
        db
          .prepare(
            `INSERT INTO periods (period, state, published) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET state = excluded.state, published = excluded.published`,
          )
          .bind(period, state, published),
      ]);
    },
    readState: async (period) =>
      (await db
        .prepare('SELECT state FROM periods WHERE period = ?1')
        .bind(period)
        .first<string>('state')) ?? undefined,
  };
}

/** Runs all, never more than two at a time: most of them take one core, and a build server has two. */
export async function twoAtOnce<Item>(
  items: readonly Item[],
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const runRest = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item);
  };
  await Promise.all([runRest(), runRest()]);
}

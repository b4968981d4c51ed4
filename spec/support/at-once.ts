/** Runs tasks, `width` of them at a time, and resolves with what they gave, in their order. */
export async function atOnce<T>(
  width: number,
  tasks: readonly (() => Promise<T>)[],
): Promise<readonly T[]> {
  const results: T[] = [];
  const waiting = tasks.entries();
  const worker = async (): Promise<void> => {
    for (const [index, task] of waiting) results[index] = await task();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

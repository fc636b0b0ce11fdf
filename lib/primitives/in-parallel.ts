/** Runs the tasks, at most so many at once. Rejects with the first error; tasks that have not begun by then never do. */
export async function inParallel(tasks: readonly (() => Promise<unknown>)[], atOnce: number): Promise<void> {
  const waiting = tasks.values()
  let isOver = false
  const worker = async () => {
    for (const task of waiting) {
      if (isOver) return
      await task()
    }
  }
  const workers = Array.from({ length: Math.min(atOnce, tasks.length) }, worker)
  try {
    await Promise.all(workers)
  } finally {
    isOver = true
  }
}

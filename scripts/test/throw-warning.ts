/** For the event `warning` of the process. In a file of its own, which a process loads once. */
export function throwWarning(warning: Error): never {
  throw warning;
}

/** How long a piece of work keeps this process busy, in milliseconds, whatever else the machine has to do meanwhile. */
export function busyTime_ms(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
